package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Puts archived rows back into PostgreSQL: a batch is one statement, at whose end the server checks its references, so that
 * rows in a circle come back too. Each value is the text that the server wrote, cast to its column's type.
 */
final class PostgresRefill implements Restorer.Refill {
    private static final Pattern BOUND =
            Pattern.compile("FOR VALUES FROM \\(('[^']+'|-?[0-9]+)\\) TO \\(('[^']+'|-?[0-9]+)\\)");
    /** Rows in the default partition are in the way, or another partition is in the same place: that one takes the rows. */
    private static final Set<String> TAKEN = Set.of("23514", "42P17");

    private final Connection connection;
    private final PostgresCatalogue catalogue;
    private final Map<String, String> inserts = new HashMap<>();
    private final Map<String, String> changes = new HashMap<>();
    private final Map<String, Long> displaced = new TreeMap<>();

    PostgresRefill(Connection connection) throws SQLException {
        this.connection = connection;
        this.catalogue = new PostgresCatalogue(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET DateStyle = 'ISO, YMD'");
            statement.execute("SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1");
            statement.execute("SET statement_timeout = '10min'");
        }
        connection.setAutoCommit(false);
    }

    @Override
    public Table check(Receipt.Shape shape) throws SQLException {
        Table table = catalogue.entry(Restorer.table(shape.table())).table();
        List<String> columns = Restorer.columns(shape, table);
        String names = columns.stream().map(PostgresArray::identifier).collect(Collectors.joining(", "));
        String values = columns.stream().map(column -> value(table, column)).collect(Collectors.joining(", "));
        inserts.put(
                shape.table(),
                "INSERT INTO " + table.sql() + " (" + names + ") OVERRIDING SYSTEM VALUE SELECT " + values
                        + " FROM json_array_elements(CAST(? AS json)) r " + absent(table) + " RETURNING 1");
        if (!table.key().isEmpty()) {
            String same = columns.stream()
                    .map(column -> table.key().contains(column)
                            ? "t." + PostgresArray.identifier(column) + " = " + value(table, column)
                            : "t." + PostgresArray.identifier(column) + "::text IS NOT DISTINCT FROM " + text(column))
                    .collect(Collectors.joining(" AND "));
            changes.put(
                    shape.table(),
                    "SELECT count(*) FROM json_array_elements(CAST(? AS json)) r WHERE NOT EXISTS (SELECT FROM "
                            + table.sql() + " t WHERE " + same + ")");
        }
        return table;
    }

    /** Leaves rows out whose key is there; a constraint that is checked at the commit cannot say which those are. */
    private String absent(Table table) throws SQLException {
        if (!isDeferrable(table)) {
            return "ON CONFLICT DO NOTHING";
        }
        String same = table.key().stream()
                .map(column -> "t." + PostgresArray.identifier(column) + " = " + value(table, column))
                .collect(Collectors.joining(" AND "));
        return same.isEmpty() ? "" : "WHERE NOT EXISTS (SELECT FROM " + table.sql() + " t WHERE " + same + ")";
    }

    private boolean isDeferrable(Table table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = ? AND NOT indimmediate)")) {
            statement.setLong(1, catalogue.entry(table.name()).oid());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static String text(String column) {
        return "(r ->> '" + column.replace("'", "''") + "')";
    }

    private static String value(Table table, String column) {
        String type = table.column(column).orElseThrow().type();
        String text = text(column);
        // the number of what is gone is no name of a table
        return type.equals("regclass")
                ? "CASE WHEN " + text + " ~ '^[0-9]+$' THEN CAST(CAST(" + text + " AS oid) AS regclass) ELSE CAST("
                        + text + " AS regclass) END"
                : "CAST(" + text + " AS " + type + ")";
    }

    @Override
    public boolean isThere(ArchiveLog.Leaving partition) throws SQLException {
        return PostgresPartition.isThere(connection, partition);
    }

    @Override
    public void makeAgain(Receipt.Partition partition, Receipt.Shape parent) throws SQLException {
        if (!BOUND.matcher(partition.bound()).matches()) {
            throw new Failure(Code.CORRUPT, "the receipt's partition has a bound that is none: " + partition.bound());
        }
        PostgresCatalogue.Entry entry = catalogue.entry(Restorer.table(parent.table()));
        String name = PostgresArray.identifier(partition.schema()) + "." + PostgresArray.identifier(partition.name());
        try (PreparedStatement owner = connection.prepareStatement("SELECT quote_ident(pg_get_userbyid(relowner)),"
                        + " to_regclass(?) IS NOT NULL FROM pg_class WHERE oid = ?::bigint::oid");
                Statement statement = connection.createStatement()) {
            owner.setString(1, name);
            owner.setLong(2, entry.oid());
            try (ResultSet row = owner.executeQuery()) {
                row.next();
                if (!row.getBoolean(2)) {
                    String role = row.getString(1);
                    statement.execute("SET LOCAL lock_timeout = '2s'");
                    statement.execute("CREATE TABLE " + name + " PARTITION OF "
                            + entry.table().sql() + " " + partition.bound());
                    statement.execute("ALTER TABLE " + name + " OWNER TO " + role);
                }
            }
        } catch (SQLException e) {
            connection.rollback();
            if (!TAKEN.contains(e.getSQLState())) {
                throw e;
            }
        }
        connection.commit();
    }

    @Override
    public Map<String, Long> insert(List<ArchiveReader.Line> rows) throws SQLException {
        if (rows.isEmpty()) {
            return Map.of();
        }
        Map<String, StringBuilder> byTable = new LinkedHashMap<>();
        for (ArchiveReader.Line row : rows) {
            StringBuilder json = byTable.computeIfAbsent(row.table(), table -> new StringBuilder());
            json.append(json.length() == 0 ? "[" : ",").append(row.json());
        }
        List<String> tables = new ArrayList<>(byTable.keySet());
        StringBuilder sql = new StringBuilder("WITH ");
        StringBuilder counts = new StringBuilder(" SELECT ");
        for (int i = 0; i < tables.size(); i++) {
            String comma = i == 0 ? "" : ", ";
            String insert = Optional.ofNullable(inserts.get(tables.get(i))).orElseThrow();
            sql.append(comma)
                    .append("part")
                    .append(i)
                    .append(" AS (")
                    .append(insert)
                    .append(")");
            counts.append(comma).append("(SELECT count(*) FROM part").append(i).append(")");
        }
        Map<String, Long> inserted = new TreeMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement(sql.append(counts).toString())) {
            for (int i = 0; i < tables.size(); i++) {
                String json = String.valueOf(byTable.get(tables.get(i))) + "]";
                statement.setObject(i + 1, json, Types.OTHER);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                for (int i = 0; i < tables.size(); i++) {
                    inserted.put(tables.get(i), row.getLong(i + 1));
                }
            }
        }
        for (String table : tables) {
            String json = String.valueOf(byTable.get(table)) + "]";
            long archived =
                    rows.stream().filter(row -> row.table().equals(table)).count();
            if (changes.containsKey(table) && inserted.getOrDefault(table, 0L) < archived) {
                displaced.merge(table, changed(table, json), Long::sum);
            }
        }
        connection.commit();
        return inserted;
    }

    private long changed(String table, String json) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(changes.get(table))) {
            statement.setObject(1, json, Types.OTHER);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public Map<String, Long> displaced() {
        displaced.values().removeIf(rows -> rows == 0);
        return displaced;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
