package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.SqliteDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * An ordinary table of the main database, as the file's own schema names it. Views, virtual tables and their shadows, and
 * SQLite's own tables are none.
 *
 * @param name as in the schema
 * @param hasRowid whether it is stored by row id
 */
public record SqliteTable(String name, boolean hasRowid) {

    private static final int MOST_BYTES = 63;

    /** All ordinary tables, by name. */
    public static List<SqliteTable> all(SqliteSession session) throws SQLException {
        return session.rows(
                "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                        + " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                row -> new SqliteTable(row.getString(1), row.getInt(2) == 0));
    }

    /** The table that an order means; a schema other than {@code main} has none. */
    public static Optional<SqliteTable> find(List<SqliteTable> tables, TableName name) {
        if (name.schema().isPresent() && !name.schema().get().equalsIgnoreCase("main")) {
            return Optional.empty();
        }
        return tables.stream()
                .filter(table -> table.name().equals(name.table()))
                .findFirst()
                .or(() -> tables.stream()
                        .filter(table -> table.name().equalsIgnoreCase(name.table()))
                        .findFirst());
    }

    /** Why an order is refused that names a table which is not there. */
    public static Reason missing(String field, TableName name, SqliteDatabase database) {
        return new Reason(Code.NO_SUCH_TABLE, field + ": " + name + " (must be a table of " + database.file() + ")");
    }

    /** Why an order is refused that names a column which is not there. */
    public static Reason missing(String field, ColumnName column, TableName table) {
        return new Reason(Code.NO_SUCH_COLUMN, field + ": " + column + " (must be a column of " + table + ")");
    }

    /** The name for a report; empty if it holds characters that names in reports cannot have. */
    public Optional<TableName> reported() {
        try {
            return Optional.of(new TableName(Optional.empty(), name));
        } catch (InvalidValue e) {
            return Optional.empty();
        }
    }

    /** Any name of the schema for a report: characters that names in reports cannot have become {@code _}, and it may be cut. */
    public static TableName safe(String name) {
        String safe = name.isEmpty() ? "_" : name.replaceAll("[^\\p{L}\\p{M}\\p{N}_$ .:#-]", "_");
        while (safe.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            safe = safe.substring(0, safe.length() - 1);
        }
        return new TableName(Optional.empty(), safe);
    }

    /** The name as SQL. */
    public String sql() {
        return "main." + quoted(name);
    }

    /** An identifier of the schema as SQL. */
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** The column of that name, as the schema writes it. */
    public Optional<String> column(SqliteSession session, String column) throws SQLException {
        return session.first(
                "SELECT name FROM pragma_table_xinfo(?) WHERE name = ? COLLATE NOCASE",
                row -> row.getString(1),
                name,
                column);
    }
}
