package dev.upkeep.executor.operation.optimize;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.task.Optimize;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Analyzes the tables of a PostgreSQL database that were modified; if full, also takes a checkpoint where its role may and vacuums
 * the tables with dead rows. Tables whose lock is held are left alone.
 */
@ApplicationScoped
public class PostgresOptimize implements Operation<Optimize, PostgresDatabase> {
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int TOLD = 100;
    private static final String SQL = """
            SELECT n.nspname, c.relname, pg_stat_get_dead_tuples(c.oid) AS dead,
              pg_stat_get_mod_since_analyze(c.oid) > 0
                OR coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL AS modified
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND c.relkind IN ('r', 'm')
            ORDER BY dead DESC, 1, 2
            """;
    private static final String MAY_CHECKPOINT =
            "SELECT rolsuper OR (current_setting('server_version_num')::int >= 150000 AND"
                    + " EXISTS (SELECT FROM pg_roles p WHERE p.rolname = 'pg_checkpoint' AND pg_has_role(p.oid, 'USAGE')))"
                    + " FROM pg_roles WHERE rolname = current_user";

    @Override
    public Class<Optimize> task() {
        return Optimize.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    private record Table(RelationName name, long dead, boolean modified) {
        Optional<String> statement(boolean isFull) {
            if (isFull && dead > 0) {
                return Optional.of("VACUUM (ANALYZE, SKIP_LOCKED) " + name.sql());
            }
            return modified ? Optional.of("ANALYZE (SKIP_LOCKED) " + name.sql()) : Optional.empty();
        }
    }

    @Override
    public Done perform(Order<Optimize> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        boolean isFull = order.task().depth().orElse(Optimize.Depth.QUICK) == Optimize.Depth.FULL;
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            long before = size(session);
            List<String> statements = new ArrayList<>();
            if (isFull
                    && session.first(MAY_CHECKPOINT, row -> row.getBoolean(1)).orElse(false)) {
                statements.add("CHECKPOINT");
            }
            List<Table> tables = session.rows(
                    SQL,
                    row -> new Table(
                            new RelationName(row.getString("nspname"), row.getString("relname")),
                            row.getLong("dead"),
                            row.getBoolean("modified")));
            tables.forEach(table -> table.statement(isFull).ifPresent(statements::add));
            List<String> steps = new ArrayList<>();
            Optional<Stop> stop = order.dryRun() ? Optional.empty() : run(session, attempt, statements, steps);
            if (order.dryRun()) {
                steps.addAll(statements);
            }
            session.finish();
            long after = size(session);
            List<String> told = steps.subList(0, Math.min(TOLD, steps.size()));
            Optimize.Report report = new Optimize.Report(before, after, List.copyOf(told));
            List<Measurement> measurements = order.dryRun()
                    ? List.of()
                    : List.of(
                            Measurement.gauge("database_size", "bytes", after),
                            Measurement.count("optimize_steps", "count", (long) steps.size(), Map.of()));
            if (stop.isPresent()) {
                String where = "after " + steps.size() + " of " + statements.size() + " steps";
                return Done.partial(report, Stopped.reason(stop.get(), where), List.of(), measurements);
            }
            return steps.isEmpty()
                    ? Done.nothing(report, List.of(), measurements)
                    : Done.succeeded(report, List.of(), measurements);
        }
    }

    private static Optional<Stop> run(
            PostgresSession session, Attempt attempt, List<String> statements, List<String> steps) throws SQLException {
        for (String statement : statements) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return stop;
            }
            attempt.progress(100.0 * steps.size() / statements.size(), Optional.empty(), statement);
            long start = System.nanoTime();
            try {
                boolean isSkipped = session.run(statement).stream().anyMatch(PostgresSession.Notice::isSkipped);
                steps.add(isSkipped ? statement + " (skipped: locked, or not permitted)" : statement);
            } catch (SQLException e) {
                Optional<Stop> broken = attempt.stop();
                if (broken.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                    throw e;
                }
                return broken;
            }
            attempt.yieldToApplication(Duration.ofNanos(System.nanoTime() - start), PAUSE);
        }
        return Optional.empty();
    }

    private static long size(PostgresSession session) throws SQLException {
        return session.first("SELECT pg_database_size(current_database())", row -> row.getLong(1))
                .orElseThrow();
    }
}
