package dev.upkeep.executor.operation.lease;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts rows of a PostgreSQL task queue whose lease has run out back, in small transactions that skip rows which others have locked, by
 * the server's clock. A row that is renewed meanwhile is not touched: the state and the time are checked again under its lock.
 */
@ApplicationScoped
public class PostgresReleaseLeases implements Operation<ReleaseLeases, PostgresDatabase> {
    private static final Duration GRACE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int BATCH = 500;

    @Override
    public Class<ReleaseLeases> task() {
        return ReleaseLeases.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<ReleaseLeases> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        ReleaseLeases task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            PostgresTable table =
                    PostgresTable.find(session, List.of(task.table())).get(0);
            Map<String, String> types = types(session, table);
            Optional<Reason> problem = problem(task, types);
            if (problem.isPresent()) {
                return Done.rejected(problem.get());
            }
            return new Queue(session, attempt, task, table.name(), types).done(order.dryRun());
        }
    }

    private static Map<String, String> types(PostgresSession session, PostgresTable table) throws SQLException {
        Map<String, String> types = new HashMap<>();
        session.each(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = ?::int8::oid"
                        + " AND attnum > 0 AND NOT attisdropped",
                row -> types.put(row.getString(1), row.getString(2)),
                table.oid());
        return types;
    }

    private static Optional<Reason> problem(ReleaseLeases task, Map<String, String> types) {
        for (Optional<ColumnName> column :
                List.of(Optional.of(task.state()), Optional.of(task.expires()), task.owner(), task.attempts())) {
            if (column.isPresent() && !types.containsKey(column.get().column())) {
                return Optional.of(new Reason(
                        Code.NO_SUCH_COLUMN, column.get() + " (must be a column of table " + task.table() + ")"));
            }
        }
        String type = types.getOrDefault(task.expires().column(), "");
        boolean isTime = type.startsWith("timestamp") || type.equals("date");
        if (isTime == task.format().isPresent()) {
            return Optional.of(new Reason(
                    Code.INVALID,
                    "format: " + task.format().map(Enum::name).orElse("absent") + " (column " + task.expires()
                            + " is of type " + type
                            + "; a format is wanted for numbers and texts, and only for them)"));
        }
        return Optional.empty();
    }

    /** The queue while its leases are released. */
    private static final class Queue {
        private final PostgresSession session;
        private final Attempt attempt;
        private final ReleaseLeases task;
        private final RelationName table;
        private final Map<String, String> types;

        Queue(
                PostgresSession session,
                Attempt attempt,
                ReleaseLeases task,
                RelationName table,
                Map<String, String> types) {
            this.session = session;
            this.attempt = attempt;
            this.task = task;
            this.table = table;
            this.types = types;
        }

        Done done(boolean dryRun) throws SQLException {
            long seconds = task.grace().orElse(GRACE).toSeconds();
            String expired = quoted(task.state()) + " = " + typed(task.state()) + " AND " + expiry()
                    + " < now() - make_interval(secs => " + seconds + ")";
            String isDead = task.attempts()
                    .map(column -> quoted(column) + " >= " + task.attemptLimit().orElse(0))
                    .orElse("false");
            if (dryRun) {
                long[] counts = session.first(
                                "SELECT count(*), count(*) FILTER (WHERE " + isDead + ") FROM " + table.sql()
                                        + " WHERE " + expired,
                                row -> new long[] {row.getLong(1), row.getLong(2)},
                                task.leased())
                        .orElseThrow();
                return ended(new ReleaseLeases.Report(counts[0], counts[0] - counts[1], counts[1]), false);
            }
            String sql = "WITH gone AS (SELECT ctid, " + isDead + " AS dead FROM " + table.sql() + " WHERE " + expired
                    + " LIMIT " + BATCH + " FOR UPDATE SKIP LOCKED), changed AS (UPDATE " + table.sql() + " q SET "
                    + quoted(task.state()) + " = CASE WHEN gone.dead THEN " + typed(task.state()) + " ELSE "
                    + typed(task.state()) + " END"
                    + task.owner()
                            .map(owner -> ", " + quoted(owner) + " = NULL")
                            .orElse("")
                    + " FROM gone WHERE q.ctid = gone.ctid RETURNING gone.dead)"
                    + " SELECT count(*), count(*) FILTER (WHERE dead) FROM changed";
            long all = 0;
            long dead = 0;
            while (true) {
                long start = System.nanoTime();
                long[] counts = session.first(
                                sql,
                                row -> new long[] {row.getLong(1), row.getLong(2)},
                                task.leased(),
                                task.dead().orElse(task.ready()),
                                task.ready())
                        .orElseThrow();
                all += counts[0];
                dead += counts[1];
                ReleaseLeases.Report report = new ReleaseLeases.Report(all, all - dead, dead);
                if (counts[0] < BATCH) {
                    return ended(report, true);
                }
                attempt.progress(50, Optional.empty(), all + " rows released or given up");
                attempt.yieldToApplication(Duration.ofNanos(System.nanoTime() - start), PAUSE);
                Optional<Stop> stop = attempt.stop();
                if (stop.isPresent()) {
                    return Done.partial(
                            report,
                            Stopped.reason(stop.get(), "after " + all + " rows"),
                            List.of(),
                            measurements(report));
                }
            }
        }

        private static Done ended(ReleaseLeases.Report report, boolean real) {
            List<Measurement> measurements = real ? measurements(report) : List.of();
            return report.expired() == 0
                    ? Done.nothing(report, List.of(), measurements)
                    : Done.succeeded(report, List.of(), measurements);
        }

        private static List<Measurement> measurements(ReleaseLeases.Report report) {
            return List.of(
                    Measurement.count("leases_released", "rows", report.released(), Map.of()),
                    Measurement.count("leases_dead", "rows", report.dead(), Map.of()));
        }

        private static String quoted(ColumnName column) {
            return RelationName.quoted(column.column());
        }

        private String typed(ColumnName column) {
            return "CAST(?::text AS " + types.getOrDefault(column.column(), "text") + ")";
        }

        private String expiry() {
            String column = quoted(task.expires());
            if (task.format().isEmpty()) {
                return column;
            }
            return switch (task.format().get()) {
                case EPOCH_SECONDS -> "to_timestamp(" + column + ")";
                case EPOCH_MILLIS -> "to_timestamp(" + column + " / 1000.0)";
                case ISO_TEXT -> column + "::timestamptz";
            };
        }
    }
}
