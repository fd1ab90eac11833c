package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The doomed rows of one batch, in temporary tables of the session: one for each table, with the identities of its rows. */
final class SqliteDoomed {
    private static final int SAMPLE = 1_000;

    private final Connection connection;
    private final SqliteCatalogue catalogue;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<TableName, String> names = new HashMap<>();
    private final Map<TableName, Long> sizes = new HashMap<>();
    private final Map<Link, Long> followed = new HashMap<>();
    private final Charset encoding;
    private @Nullable Branch branch;
    private boolean isWhole = true;
    private int made;
    private final Map<TableName, List<Uncounted>> uncounted = new HashMap<>();

    /** Children that stay in the database until they are deleted: a condition on them, and the rows that they refer to. */
    private record Uncounted(String where, long after, long upTo, long most) {}

    SqliteDoomed(Connection connection, SqliteCatalogue catalogue) throws SQLException {
        this.connection = connection;
        this.catalogue = catalogue;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA encoding")) {
            rows.next();
            this.encoding = switch (rows.getString(1).toUpperCase(Locale.ROOT)) {
                case "UTF-16LE" -> StandardCharsets.UTF_16LE;
                case "UTF-16BE" -> StandardCharsets.UTF_16BE;
                default -> StandardCharsets.UTF_8;
            };
        }
    }

    Branch branch() {
        return Optional.ofNullable(branch).orElseThrow();
    }

    /** Makes the temporary tables; outside a transaction. */
    @SuppressWarnings(
            "ReferenceEquality") // the same object comes for every batch, and equality would compare whole catalogues
    void prepare(Branch next) throws SQLException {
        isWhole = true;
        if (branch == next) {
            return;
        }
        branch = next;
        forget();
        for (TableName table : next.tables().keySet()) {
            if (names.containsKey(table)) {
                continue;
            }
            String name = "temp.upkeep_doomed_" + made++;
            String columns = keys(catalogue.entry(table).identity().size(), "");
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE " + name + " (seq INTEGER PRIMARY KEY, " + columns + ", UNIQUE ("
                        + columns + "))");
            }
            names.put(table, name);
        }
    }

    void begin(boolean isWhole) throws SQLException {
        this.isWhole = isWhole;
        for (Map.Entry<TableName, String> table : names.entrySet()) {
            cached("DELETE FROM " + table.getValue()).executeUpdate();
        }
        forget();
    }

    /** The temporary tables are as they were before the transaction: nothing counted holds any more. */
    void forget() {
        sizes.clear();
        followed.clear();
        uncounted.clear();
    }

    /** After an error: the driver has closed the statement that failed, which is not said of it. */
    void forgetStatements() throws SQLException {
        List<PreparedStatement> old = List.copyOf(statements.values());
        statements.clear();
        for (PreparedStatement statement : old) {
            statement.close();
        }
    }

    PreparedStatement cached(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    void addRoot(ResultSet row, int columns) throws SQLException {
        TableName root = branch().root().name();
        PreparedStatement insert = cached("INSERT OR IGNORE INTO " + name(root) + " (" + keys(columns, "")
                + ") VALUES (" + "?, ".repeat(columns - 1) + "?)");
        for (int i = 1; i <= columns; i++) {
            insert.setObject(i, row.getObject(i));
        }
        added(root, insert.executeUpdate());
    }

    void addAll(Table table, Sql where) throws SQLException {
        List<String> identity = catalogue.entry(table.name()).identity();
        PreparedStatement insert =
                cached("INSERT OR IGNORE INTO " + name(table.name()) + " (" + keys(identity.size(), "") + ") SELECT "
                        + list(identity, "") + " FROM " + table.sql() + " WHERE " + where.text());
        SqliteSession.bind(insert, 1, where.values());
        added(table.name(), insert.executeUpdate());
    }

    long follow(Link link, long most) throws SQLException {
        SqliteCatalogue.Entry parent = catalogue.entry(link.parent());
        SqliteCatalogue.Entry child = catalogue.entry(link.child());
        long mark = followed.getOrDefault(link, 0L);
        long last = number("SELECT coalesce(max(seq), 0) FROM " + name(link.parent()));
        followed.put(link, last);
        if (last == mark) {
            return 0;
        }
        String same = IntStream.range(0, parent.identity().size())
                .mapToObj(i -> "p." + SqliteCatalogue.quoted(parent.identity().get(i)) + " = d.k" + i)
                .collect(Collectors.joining(" AND "));
        String where = tuple(link.columns(), "c.") + " IN (SELECT " + list(link.parentColumns(), "p.") + " FROM "
                + name(link.parent()) + " d CROSS JOIN " + parent.table().sql() + " p ON " + same
                + " WHERE d.seq > ? AND d.seq <= ?)";
        if (canStay(link.child())) {
            uncounted
                    .computeIfAbsent(link.child(), table -> new ArrayList<>())
                    .add(new Uncounted(where, mark, last, most));
            return 0;
        }
        PreparedStatement insert = cached("INSERT OR IGNORE INTO " + name(link.child()) + " ("
                + keys(child.identity().size(), "") + ") SELECT " + list(child.identity(), "c.") + " FROM "
                + child.table().sql() + " c WHERE " + where + " LIMIT ?");
        insert.setLong(1, mark);
        insert.setLong(2, last);
        insert.setLong(3, most + 1);
        int added = insert.executeUpdate();
        added(link.child(), added);
        return added;
    }

    private boolean canStay(TableName table) {
        return !isWhole
                && !table.equals(branch().root().name())
                && branch().table(table).triggers().isEmpty()
                && branch().links().stream().noneMatch(link -> link.parent().equals(table));
    }

    private long sweep(TableName table, List<Uncounted> parts) throws SQLException {
        SqliteCatalogue.Entry entry = catalogue.entry(table);
        String where = parts.stream().map(Uncounted::where).collect(Collectors.joining(" OR "));
        PreparedStatement delete = cached("DELETE FROM " + entry.table().sql() + " WHERE " + tuple(entry.identity(), "")
                + " IN (SELECT " + list(entry.identity(), "c.") + " FROM "
                + entry.table().sql() + " c WHERE " + where
                + " LIMIT ?)");
        int at = 1;
        for (Uncounted part : parts) {
            delete.setLong(at++, part.after());
            delete.setLong(at++, part.upTo());
        }
        delete.setLong(at, parts.get(0).most() + 1);
        return delete.executeUpdate();
    }

    void keepOnly(TableName table, int most) throws SQLException {
        cached("DELETE FROM " + name(table) + " WHERE seq NOT IN (SELECT seq FROM " + name(table)
                        + " ORDER BY seq LIMIT " + most + ")")
                .executeUpdate();
        for (TableName other : branch().tables().keySet()) {
            if (!other.equals(table)) {
                cached("DELETE FROM " + name(other)).executeUpdate();
            }
        }
        forget();
        sizes.put(table, number("SELECT count(*) FROM " + name(table)));
    }

    long size(TableName table) {
        return sizes.getOrDefault(table, 0L);
    }

    double averageBytes(TableName table) throws SQLException {
        SqliteCatalogue.Entry entry = catalogue.entry(table);
        String length = entry.table().columns().stream()
                .map(column -> "coalesce(length(CAST(" + SqliteCatalogue.quoted(column.name()) + " AS BLOB)), 0) + 1")
                .collect(Collectors.joining(" + "));
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT avg(bytes) FROM (SELECT " + length + " AS bytes FROM "
                        + entry.table().sql() + " WHERE " + tuple(entry.identity(), "") + " IN (SELECT "
                        + keys(entry.identity().size(), "") + " FROM " + name(table) + " LIMIT " + SAMPLE + "))")) {
            return rows.next() ? rows.getDouble(1) : 0;
        }
    }

    void read(TableName table, Session.RowSink sink) throws SQLException, IOException {
        SqliteCatalogue.Entry entry = catalogue.entry(table);
        List<String> columns =
                entry.table().columns().stream().map(Table.Column::name).toList();
        boolean isWide = !encoding.equals(StandardCharsets.UTF_8);
        PreparedStatement select = cached("SELECT " + (isWide ? raw(columns) : list(columns, "")) + " FROM "
                + entry.table().sql() + " WHERE " + doomedOnly(entry));
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                StringBuilder json = new StringBuilder("{");
                for (int i = 0; i < columns.size(); i++) {
                    json.append(i == 0 ? "" : ",")
                            .append(Json.text(columns.get(i)))
                            .append(':');
                    if (isWide && "text".equals(rows.getString(columns.size() + i + 1))) {
                        SqliteValue.text(json, "", rows.getBytes(i + 1), encoding);
                    } else {
                        SqliteValue.json(json, rows, i + 1, encoding);
                    }
                }
                sink.row(table, json.append('}').toString());
            }
        }
    }

    /** The values with texts as bytes, as the driver mistakes the length of a text in UTF-16, and then of what kind each is. */
    private static String raw(List<String> columns) {
        return Stream.concat(
                        columns.stream()
                                .map(SqliteCatalogue::quoted)
                                .map(column -> "CASE typeof(" + column + ") WHEN 'text' THEN CAST(" + column
                                        + " AS BLOB) ELSE " + column + " END"),
                        columns.stream().map(column -> "typeof(" + SqliteCatalogue.quoted(column) + ")"))
                .collect(Collectors.joining(", "));
    }

    Map<TableName, Long> delete(Branch.Group group) throws SQLException {
        Map<TableName, Long> deleted = new TreeMap<>();
        boolean isStrict = group.within().stream().anyMatch(link -> link.onDelete() == Link.OnDelete.RESTRICT);
        for (TableName table : group.tables()) {
            List<Uncounted> parts = uncounted.getOrDefault(table, List.of());
            if (!parts.isEmpty()) {
                sizes.put(table, sweep(table, parts));
                deleted.put(table, size(table));
                continue;
            }
            if (size(table) == 0) {
                deleted.put(table, 0L);
                continue;
            }
            SqliteCatalogue.Entry entry = catalogue.entry(table);
            if (isStrict) {
                deleteBackwards(entry);
            } else {
                long rows = cached("DELETE FROM " + entry.table().sql() + " WHERE " + doomedOnly(entry))
                        .executeUpdate();
                deleted.put(table, rows);
            }
        }
        if (group.isCycle()) {
            // rows may have gone by a cascade instead, which the engine does not count
            for (TableName table : group.tables()) {
                SqliteCatalogue.Entry entry = catalogue.entry(table);
                long left = number("SELECT count(*) FROM " + entry.table().sql() + " WHERE " + doomedOnly(entry));
                deleted.put(table, size(table) - left);
            }
        }
        return deleted;
    }

    /** Row by row, those found last first, so that under RESTRICT no row goes before those that refer to it. */
    private void deleteBackwards(SqliteCatalogue.Entry entry) throws SQLException {
        int columns = entry.identity().size();
        PreparedStatement delete = cached("DELETE FROM " + entry.table().sql() + " WHERE " + tuple(entry.identity(), "")
                + " = " + (columns == 1 ? "?" : "(" + "?, ".repeat(columns - 1) + "?)"));
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + keys(columns, "") + " FROM "
                        + name(entry.table().name()) + " ORDER BY seq DESC")) {
            while (rows.next()) {
                for (int i = 1; i <= columns; i++) {
                    delete.setObject(i, rows.getObject(i));
                }
                delete.executeUpdate();
            }
        }
    }

    private String doomedOnly(SqliteCatalogue.Entry entry) {
        return tuple(entry.identity(), "") + " IN (SELECT "
                + keys(entry.identity().size(), "") + " FROM "
                + name(entry.table().name()) + ")";
    }

    private String name(TableName table) {
        return Optional.ofNullable(names.get(table)).orElseThrow();
    }

    private void added(TableName table, long rows) {
        sizes.merge(table, rows, Long::sum);
    }

    private long number(String sql) throws SQLException {
        try (ResultSet rows = cached(sql).executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static String keys(int count, String prefix) {
        return IntStream.range(0, count).mapToObj(i -> prefix + "k" + i).collect(Collectors.joining(", "));
    }

    static String tuple(List<String> columns, String prefix) {
        String list = list(columns, prefix);
        return columns.size() == 1 ? list : "(" + list + ")";
    }

    static String list(List<String> columns, String prefix) {
        return columns.stream()
                .map(column -> prefix + SqliteCatalogue.quoted(column))
                .collect(Collectors.joining(", "));
    }
}
