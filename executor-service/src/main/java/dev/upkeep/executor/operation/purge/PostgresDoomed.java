package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.upkeep.common.id.TableName;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The doomed rows of one batch: where they are, and the keys by which others refer to them. Rows are known by their place
 * ({@code ctid}), which holds within a transaction, or by their primary key where triggers, or references that are set to null, could move them.
 */
final class PostgresDoomed {
    private static final int FETCH = 500;

    private final Connection connection;
    private final PostgresCatalogue catalogue;
    private final Map<TableName, Rows> sets = new HashMap<>();
    private final Map<String, String> partitions = new HashMap<>();
    private @Nullable Branch branch;
    private boolean isByKey;
    private boolean isWhole;
    private long mostUncounted;

    /** One table's doomed rows; {@code columns} are those that links refer to. */
    private static final class Rows {
        final Table table;
        final List<String> identity;
        final List<String> columns;
        final Set<List<@Nullable String>> known = new HashSet<>();
        final List<@Nullable String[]> rows = new ArrayList<>();
        final Map<Link, Integer> followed = new HashMap<>();
        final List<PostgresMatch> uncounted = new ArrayList<>();
        long swept;

        Rows(Table table, List<String> identity, List<String> columns) {
            this.table = table;
            this.identity = identity;
            this.columns = columns;
        }

        boolean add(@Nullable String[] row) {
            if (!known.add(Arrays.asList(Arrays.copyOf(row, 1 + identity.size())))) {
                return false;
            }
            rows.add(row);
            return true;
        }
    }

    PostgresDoomed(Connection connection, PostgresCatalogue catalogue) {
        this.connection = connection;
        this.catalogue = catalogue;
    }

    Branch branch() {
        return Optional.ofNullable(branch).orElseThrow();
    }

    @SuppressWarnings(
            "ReferenceEquality") // the same object comes for every batch, and equality would compare whole catalogues
    void begin(Branch next, boolean isWhole) {
        if (branch != next) {
            branch = next;
            isByKey = next.tables().values().stream()
                            .anyMatch(table -> !table.triggers().isEmpty())
                    || next.kept().stream().anyMatch(link -> next.tables().containsKey(link.child()));
        }
        this.isWhole = isWhole;
        sets.clear();
        for (Table table : next.tables().values()) {
            sets.put(table.name(), empty(table));
        }
    }

    private Rows empty(Table table) {
        Set<String> referred = new LinkedHashSet<>();
        for (Link link : branch().links()) {
            if (link.parent().equals(table.name())) {
                referred.addAll(link.parentColumns());
            }
        }
        List<String> identity = isByKey && !table.key().isEmpty() ? table.key() : List.of("ctid");
        return new Rows(table, identity, List.copyOf(referred));
    }

    private Rows set(TableName table) {
        return Optional.ofNullable(sets.get(table)).orElseThrow();
    }

    /** Where the row is, its identity, and the columns that links refer to; all as text. */
    String selectList(Table table) {
        Rows set = set(table.name());
        return "tableoid::bigint::text, "
                + java.util.stream.Stream.concat(set.identity.stream(), set.columns.stream())
                        .map(column -> PostgresArray.identifier(column) + "::text")
                        .collect(Collectors.joining(", "));
    }

    void addRoot(ResultSet row) throws SQLException {
        add(set(branch().root().name()), row);
    }

    private static boolean add(Rows set, ResultSet row) throws SQLException {
        @Nullable String[] values = new @Nullable String[1 + set.identity.size() + set.columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.getString(i + 1);
        }
        return set.add(values);
    }

    long follow(Link link, long most) throws SQLException {
        Rows parent = set(link.parent());
        Rows child = set(link.child());
        int from = parent.followed.getOrDefault(link, 0);
        List<@Nullable String[]> fresh = parent.rows.subList(from, parent.rows.size());
        Optional<PostgresMatch> match = match(link.columns(), parent, link.parentColumns(), fresh);
        parent.followed.put(link, parent.rows.size());
        if (match.isEmpty()) {
            return 0;
        }
        if (canStay(child)) {
            child.uncounted.add(match.get());
            mostUncounted = most;
            return 0;
        }
        long added = 0;
        String only = catalogue.entry(link.child()).isPartitioned() ? "" : "ONLY ";
        try (PreparedStatement statement = prepared(
                        "SELECT " + selectList(child.table) + " FROM " + only + child.table.sql() + " WHERE "
                                + match.get().sql() + " LIMIT " + (most + 1),
                        match.get().arrays());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                if (add(child, rows)) {
                    added++;
                }
            }
        }
        return added;
    }

    /** Whether this table's rows need not be known before they are deleted. */
    private boolean canStay(Rows set) throws SQLException {
        TableName table = set.table.name();
        return !isWhole
                && !isByKey
                && set.columns.isEmpty()
                && !table.equals(branch().root().name())
                && !catalogue.entry(table).isPartitioned();
    }

    /** The columns of a table by which others refer to it. */
    List<String> referred(TableName table) {
        return set(table).columns;
    }

    /** Whether root rows and their dependants can go in one statement: no row has to be known, and each link is by one column. */
    boolean canSweep() {
        return !isWhole
                && !isByKey
                && branch().age().order().isPresent()
                && !branch().hasCycle()
                && branch().links().stream().allMatch(link -> link.columns().size() == 1);
    }

    private long sweep(Rows set) throws SQLException {
        String table = "ONLY " + set.table.sql();
        String where = set.uncounted.stream().map(PostgresMatch::sql).collect(Collectors.joining(" OR "));
        List<String> arrays =
                set.uncounted.stream().flatMap(match -> match.arrays().stream()).toList();
        return execute(
                "DELETE FROM " + table + " WHERE ctid = ANY(ARRAY(SELECT ctid FROM " + table + " WHERE " + where
                        + " LIMIT " + (mostUncounted + 1) + "))",
                arrays);
    }

    private static Optional<PostgresMatch> match(
            List<String> columns, Rows parent, List<String> parentColumns, Collection<@Nullable String[]> rows) {
        int[] places = parentColumns.stream()
                .mapToInt(column -> 1 + parent.identity.size() + parent.columns.indexOf(column))
                .toArray();
        List<String> types = parentColumns.stream()
                .map(column -> parent.table.column(column).orElseThrow().type())
                .toList();
        return PostgresMatch.of(columns, types, places, rows);
    }

    void keepOnly(TableName table, int most) {
        Rows kept = set(table);
        Rows fresh = empty(kept.table);
        kept.rows.stream().limit(most).forEach(fresh::add);
        for (Table each : branch().tables().values()) {
            sets.put(each.name(), empty(each));
        }
        sets.put(table, fresh);
    }

    long size(TableName table) {
        Rows set = set(table);
        return set.rows.size() + set.swept;
    }

    void read(TableName table, Session.RowSink sink) throws SQLException, IOException {
        Rows set = set(table);
        List<String> names =
                set.table.columns().stream().map(Table.Column::name).toList();
        String columns = names.stream()
                .map(name -> PostgresArray.identifier(name) + "::text")
                .collect(Collectors.joining(", "));
        for (Map.Entry<String, List<@Nullable String[]>> place :
                byPartition(set).entrySet()) {
            PostgresMatch match = identity(set, place.getValue());
            try (PreparedStatement statement = prepared(
                    "SELECT " + columns + " FROM ONLY " + partition(place.getKey()) + " WHERE " + match.sql(),
                    match.arrays())) {
                statement.setFetchSize(FETCH);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        sink.row(table, json(names, rows));
                    }
                }
            }
        }
    }

    /** A row of texts as JSON. */
    static String json(List<String> names, ResultSet row) throws SQLException {
        StringBuilder json = new StringBuilder("{");
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                json.append(',');
            }
            json.append('"').append(encoder.quoteAsString(names.get(i))).append("\":");
            String value = row.getString(i + 1);
            if (value == null) {
                json.append("null");
            } else {
                json.append('"');
                encoder.quoteAsString(value, json);
                json.append('"');
            }
        }
        return json.append('}').toString();
    }

    private static PostgresMatch identity(Rows set, List<@Nullable String[]> rows) {
        List<String> types = set.identity.equals(List.of("ctid"))
                ? List.of("tid")
                : set.identity.stream()
                        .map(column -> set.table.column(column).orElseThrow().type())
                        .toList();
        int[] places =
                java.util.stream.IntStream.rangeClosed(1, set.identity.size()).toArray();
        return PostgresMatch.of(set.identity, types, places, rows).orElseThrow();
    }

    private static Map<String, List<@Nullable String[]>> byPartition(Rows set) {
        Map<String, List<@Nullable String[]>> places = new LinkedHashMap<>();
        for (@Nullable String[] row : set.rows) {
            places.computeIfAbsent(String.valueOf(row[0]), oid -> new ArrayList<>())
                    .add(row);
        }
        return places;
    }

    private String partition(String oid) throws SQLException {
        String known = partitions.get(oid);
        if (known != null) {
            return known;
        }
        try (PreparedStatement statement = prepared("SELECT CAST(? AS bigint)::oid::regclass::text", List.of(oid));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            String name = rows.getString(1);
            partitions.put(oid, name);
            return name;
        }
    }

    /** Deletes a cycle's rows in one statement, at whose end the server checks its references; else table by table. */
    Map<TableName, Long> delete(Branch.Group group) throws SQLException {
        Map<TableName, Long> deleted = new TreeMap<>();
        List<String> parts = new ArrayList<>();
        List<String> arrays = new ArrayList<>();
        List<TableName> owners = new ArrayList<>();
        for (TableName table : group.tables()) {
            Rows set = set(table);
            if (!set.uncounted.isEmpty()) {
                set.swept = sweep(set);
            }
            deleted.put(table, set.swept);
            for (Map.Entry<String, List<@Nullable String[]>> place :
                    byPartition(set).entrySet()) {
                PostgresMatch match = identity(set, place.getValue());
                parts.add("DELETE FROM ONLY " + partition(place.getKey()) + " WHERE " + match.sql());
                arrays.addAll(match.arrays());
                owners.add(table);
                if (!group.isCycle()) {
                    deleted.merge(table, execute(parts.get(0), arrays), Long::sum);
                    parts.clear();
                    arrays.clear();
                    owners.clear();
                }
            }
        }
        if (parts.size() == 1) {
            deleted.merge(owners.get(0), execute(parts.get(0), arrays), Long::sum);
        } else if (!parts.isEmpty()) {
            together(parts, arrays, owners, deleted);
        }
        return deleted;
    }

    private void together(List<String> parts, List<String> arrays, List<TableName> owners, Map<TableName, Long> deleted)
            throws SQLException {
        StringBuilder with = new StringBuilder("WITH ");
        StringBuilder counts = new StringBuilder(" SELECT ");
        for (int i = 0; i < parts.size(); i++) {
            String comma = i == 0 ? "" : ", ";
            with.append(comma)
                    .append("part")
                    .append(i)
                    .append(" AS (")
                    .append(parts.get(i))
                    .append(" RETURNING 1)");
            counts.append(comma).append("(SELECT count(*) FROM part").append(i).append(")");
        }
        try (PreparedStatement statement = prepared(with.append(counts).toString(), arrays);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            for (int i = 0; i < parts.size(); i++) {
                deleted.merge(owners.get(i), rows.getLong(i + 1), Long::sum);
            }
        }
    }

    private long execute(String sql, List<String> arrays) throws SQLException {
        try (PreparedStatement statement = prepared(sql, arrays)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepared(String sql, List<String> values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i), Types.OTHER);
        }
        return statement;
    }
}
