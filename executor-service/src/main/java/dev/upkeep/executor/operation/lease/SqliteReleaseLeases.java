package dev.upkeep.executor.operation.lease;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import dev.upkeep.executor.operation.sqlite.SqliteTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Releases leases in a SQLite file, some hundred rows at a time. Each statement looks at state and lease again as it changes them,
 * so that a worker that renewed its lease keeps it. Broken off, what was released stays so, and the next time goes on.
 */
@ApplicationScoped
public class SqliteReleaseLeases implements Operation<ReleaseLeases, SqliteDatabase> {
    private static final int BATCH = 500;
    private static final Duration GRACE = Duration.ofMinutes(5);

    @Override
    public Class<ReleaseLeases> task() {
        return ReleaseLeases.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<ReleaseLeases> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        ReleaseLeases task = order.task();
        try (SqliteSession session =
                order.dryRun() ? SqliteSession.reading(database, attempt) : SqliteSession.writing(database, attempt)) {
            Optional<SqliteTable> table = SqliteTable.find(SqliteTable.all(session), task.table());
            if (table.isEmpty()) {
                return Done.rejected(SqliteTable.missing("table", task.table(), database));
            }
            Optional<Reason> noColumn = noColumn(session, table.get(), task);
            if (noColumn.isPresent()) {
                return Done.rejected(noColumn.get());
            }
            Queue queue = new Queue(session, table.get(), task);
            double cutoff = order.asOf().minus(task.grace().orElse(GRACE)).toEpochMilli() / 1000.0;
            long expired = queue.expired(cutoff);
            long dead = queue.hopeless(cutoff);
            if (expired == 0) {
                return Done.nothing(new ReleaseLeases.Report(0, 0, 0), List.of(), figures(0, 0, 0));
            }
            if (order.dryRun()) {
                ReleaseLeases.Report report = new ReleaseLeases.Report(expired, expired - dead, dead);
                return Done.succeeded(report, List.of(), List.of());
            }
            return release(queue, session, attempt, cutoff, expired);
        }
    }

    private static Done release(Queue queue, SqliteSession session, Attempt attempt, double cutoff, long expired)
            throws SQLException {
        long dead = 0;
        long released = 0;
        try {
            int changed = 1;
            while (changed > 0 && attempt.stop().isEmpty()) {
                long begin = System.nanoTime();
                int buried = queue.bury(cutoff, BATCH);
                int back = buried == 0 ? queue.release(cutoff, BATCH) : 0;
                dead += buried;
                released += back;
                changed = buried + back;
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                attempt.yieldToApplication(took, took);
            }
        } catch (SQLException e) {
            if (session.isBusy(e) && dead + released == 0) {
                return Done.contended(session.contention("releasing leases"));
            }
            if (session.stopOf(e).isEmpty()) {
                throw e;
            }
        }
        ReleaseLeases.Report report = new ReleaseLeases.Report(expired, released, dead);
        List<Measurement> figures = figures(expired, released, dead);
        return attempt.stop().isPresent()
                ? Done.partial(report, attempt.stop().get().reason(), List.of(), figures)
                : Done.succeeded(report, List.of(), figures);
    }

    private static Optional<Reason> noColumn(SqliteSession session, SqliteTable table, ReleaseLeases task)
            throws SQLException {
        Map<String, Optional<ColumnName>> named = Map.of(
                "state", Optional.of(task.state()),
                "expires", Optional.of(task.expires()),
                "owner", task.owner(),
                "attempts", task.attempts());
        for (Map.Entry<String, Optional<ColumnName>> entry : named.entrySet()) {
            Optional<ColumnName> column = entry.getValue();
            if (column.isPresent()
                    && table.column(session, column.get().column()).isEmpty()) {
                return Optional.of(SqliteTable.missing(entry.getKey(), column.get(), task.table()));
            }
        }
        return table.hasRowid()
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.UNSUPPORTED, "table: " + task.table() + " (must not be WITHOUT ROWID for this task)"));
    }

    private static List<Measurement> figures(long expired, long released, long dead) {
        return List.of(
                Measurement.gauge("leases_expired", "rows", (double) expired),
                Measurement.count("leases_released", "rows", (double) released, Map.of()),
                Measurement.count("leases_dead", "rows", (double) dead, Map.of()));
    }

    /** The statements on one queue. */
    private static final class Queue {
        private final SqliteSession session;
        private final ReleaseLeases task;
        private final String table;
        private final String isExpired;
        private final String isHopeless;
        private final String ownerGone;

        Queue(SqliteSession session, SqliteTable table, ReleaseLeases task) {
            this.session = session;
            this.task = task;
            this.table = table.sql();
            this.isExpired = quoted(task.state()) + " = ? AND "
                    + SqliteTime.secondsSql(quoted(task.expires()), task.format()) + " < ?";
            this.isHopeless = task.attempts()
                    .map(column -> " AND " + quoted(column) + " >= "
                            + task.attemptLimit().orElseThrow())
                    .orElse(" AND 0");
            this.ownerGone = task.owner()
                    .map(column -> ", " + quoted(column) + " = NULL")
                    .orElse("");
        }

        private static String quoted(ColumnName column) {
            return SqliteTable.quoted(column.column());
        }

        long expired(double cutoff) throws SQLException {
            return count(isExpired, cutoff);
        }

        long hopeless(double cutoff) throws SQLException {
            return count(isExpired + isHopeless, cutoff);
        }

        private long count(String condition, double cutoff) throws SQLException {
            return session.first(
                            "SELECT count(*) FROM " + table + " WHERE " + condition,
                            row -> row.getLong(1),
                            task.leased(),
                            cutoff)
                    .orElse(0L);
        }

        int bury(double cutoff, int most) throws SQLException {
            return task.dead().isEmpty() ? 0 : change(task.dead().get(), isExpired + isHopeless, cutoff, most);
        }

        int release(double cutoff, int most) throws SQLException {
            return change(task.ready(), isExpired, cutoff, most);
        }

        private int change(String state, String condition, double cutoff, int most) throws SQLException {
            List<Object> parameters = new ArrayList<>(List.of(state, task.leased(), cutoff));
            return session.update(
                    "UPDATE " + table + " SET " + quoted(task.state()) + " = ?" + ownerGone
                            + " WHERE rowid IN (SELECT rowid FROM " + table + " WHERE " + condition + " LIMIT " + most
                            + ")",
                    SqliteSession.PATIENCE,
                    parameters.toArray());
        }
    }
}
