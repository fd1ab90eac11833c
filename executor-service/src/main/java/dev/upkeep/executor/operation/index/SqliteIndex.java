package dev.upkeep.executor.operation.index;

import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Whether a table already has what an index would give. */
final class SqliteIndex {
    private record Kind(String name, boolean unique) {}

    private SqliteIndex() {}

    /**
     * The index that leads with these columns, or for a unique one is unique on just these; the row id counts as one on the
     * {@code INTEGER PRIMARY KEY}. Partial indexes and those on expressions count for nothing.
     */
    static Optional<String> like(SqliteSession session, SqliteTable table, List<String> columns, boolean unique)
            throws SQLException {
        if (columns.size() == 1 && isRowid(session, table, columns.get(0))) {
            return Optional.of(columns.get(0) + " is the row id");
        }
        List<Kind> kinds = session.rows(
                "SELECT name, \"unique\" FROM pragma_index_list(?) WHERE partial = 0",
                row -> new Kind(row.getString(1), row.getInt(2) == 1),
                table.name());
        for (Kind kind : kinds) {
            List<String> keys = session.rows(
                    "SELECT coalesce(name, '') FROM pragma_index_xinfo(?) WHERE \"key\" = 1 ORDER BY seqno",
                    row -> row.getString(1),
                    kind.name());
            boolean leads = keys.size() >= columns.size()
                    && keys.subList(0, columns.size()).equals(columns);
            if (unique ? kind.unique() && keys.equals(columns) : leads) {
                return Optional.of(kind.name());
            }
        }
        return Optional.empty();
    }

    private static boolean isRowid(SqliteSession session, SqliteTable table, String column) throws SQLException {
        return table.hasRowid()
                && session.first(
                                "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 AND pk = 1"
                                        + " AND upper(type) = 'INTEGER' AND (SELECT max(pk) FROM pragma_table_info(?1)) = 1",
                                row -> 1,
                                table.name(),
                                column)
                        .isPresent();
    }
}
