package dev.upkeep.executor.operation.assess;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.Assess;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import java.sql.SQLException;
import java.util.Optional;

/** Sizes tables of one file: bytes by {@code dbstat}, rows counted, or estimated from the last ANALYZE or the largest row id. */
final class TableSizes {
    private static final String BYTES = "SELECT coalesce(sum(pgsize), 0) FROM dbstat('main', 1) WHERE name = ?";
    private static final String INDEX_BYTES = "SELECT coalesce(sum(d.pgsize), 0) FROM main.sqlite_schema s"
            + " JOIN dbstat('main', 1) d ON d.name = s.name WHERE s.type = 'index' AND s.tbl_name = ?";

    private final SqliteSession session;
    private final boolean exact;
    private final boolean hasStatistics;

    TableSizes(SqliteSession session, boolean exact) throws SQLException {
        this.session = session;
        this.exact = exact;
        this.hasStatistics = session.number("SELECT count(*) FROM main.sqlite_schema WHERE name = 'sqlite_stat1'") > 0;
    }

    Assess.Table of(SqliteTable table, TableName name) throws SQLException {
        long bytes = number(BYTES, table);
        long indexBytes = number(INDEX_BYTES, table);
        Optional<Long> estimate = exact ? Optional.empty() : estimate(table);
        long rows = estimate.isPresent() ? estimate.get() : session.number("SELECT count(*) FROM " + table.sql());
        return new Assess.Table(name, bytes, indexBytes, rows, estimate.isEmpty());
    }

    private long number(String sql, SqliteTable table) throws SQLException {
        return session.first(sql, row -> row.getLong(1), table.name()).orElse(0L);
    }

    private Optional<Long> estimate(SqliteTable table) throws SQLException {
        if (hasStatistics) {
            Optional<Long> analyzed = session.first(
                            "SELECT CAST(stat AS INTEGER) FROM main.sqlite_stat1 WHERE tbl = ? LIMIT 1",
                            row -> row.getLong(1),
                            table.name())
                    .filter(rows -> rows > 0);
            if (analyzed.isPresent()) {
                return analyzed;
            }
        }
        return table.hasRowid()
                ? session.first("SELECT max(rowid) FROM " + table.sql(), row -> Math.max(0, row.getLong(1)))
                : Optional.empty();
    }
}
