package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
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

    /** The name for a report; empty if it holds characters that names in reports cannot have. */
    public Optional<TableName> reported() {
        try {
            return Optional.of(new TableName(Optional.empty(), name));
        } catch (InvalidValue e) {
            return Optional.empty();
        }
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
