package dev.upkeep.executor.operation.analyze;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Analyze;
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
 * Runs {@code ANALYZE} table by table, most modified first. A partitioned table is analyzed as a whole, which autovacuum never
 * does. A table whose lock is held is left alone and reported. Out of time, the next window finds the rest by what was modified.
 */
@ApplicationScoped
public class PostgresAnalyze implements Operation<Analyze, PostgresDatabase> {
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final String SQL = """
            SELECT n.nspname, c.relname,
              (SELECT coalesce(sum(pg_stat_get_mod_since_analyze(p.oid)), 0) FROM unnest(r.members) AS p(oid))::float8 AS modified,
              (SELECT bool_or(coalesce(pg_stat_get_last_analyze_time(p.oid), pg_stat_get_last_autoanalyze_time(p.oid)) IS NULL)
                 FROM unnest(r.members) AS p(oid)) AS never
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
              LATERAL (SELECT CASE WHEN c.relkind = 'p'
                THEN ARRAY(SELECT relid::oid FROM pg_partition_tree(c.oid) WHERE isleaf)
                ELSE ARRAY[c.oid] END AS members) r
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND CASE WHEN cardinality(?::int8[]) > 0 THEN c.oid::int8 = ANY (?::int8[])
                ELSE NOT c.relispartition END
            ORDER BY modified DESC, 1, 2
            """;

    private record Candidate(RelationName name, double modified, boolean never) {}

    @Override
    public Class<Analyze> task() {
        return Analyze.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Analyze> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            List<PostgresTable> named = PostgresTable.find(session, order.task().tables());
            Long[] ids = PostgresTable.ids(named);
            List<Candidate> all = session.rows(
                    SQL,
                    row -> new Candidate(
                            new RelationName(row.getString("nspname"), row.getString("relname")),
                            row.getDouble("modified"),
                            row.getBoolean("never")),
                    ids,
                    ids);
            List<Candidate> chosen = all.stream()
                    .filter(table -> !order.task().onlyModified() || table.never() || table.modified() > 0)
                    .toList();
            return new Round(session, attempt, chosen, all.size() - chosen.size()).done(order.dryRun());
        }
    }

    /** One walk over the chosen tables. */
    private static final class Round {
        private final PostgresSession session;
        private final Attempt attempt;
        private final List<Candidate> chosen;
        private final int unchanged;
        private final List<TableName> analyzed = new ArrayList<>();
        private final List<TableName> locked = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();

        Round(PostgresSession session, Attempt attempt, List<Candidate> chosen, int unchanged) {
            this.session = session;
            this.attempt = attempt;
            this.chosen = chosen;
            this.unchanged = unchanged;
        }

        Done done(boolean dryRun) throws SQLException {
            for (Candidate table : chosen) {
                Optional<Stop> stop = attempt.stop();
                if (stop.isPresent()) {
                    return partial(stop.get());
                }
                if (dryRun) {
                    analyzed.add(table.name().table());
                    continue;
                }
                try {
                    analyze(table);
                } catch (SQLException e) {
                    Optional<Stop> reason = attempt.stop();
                    if (reason.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                        throw e;
                    }
                    return partial(reason.get());
                }
            }
            if (analyzed.isEmpty() && !locked.isEmpty()) {
                return Done.contended(
                        new Reason(Code.LOCK_TIMEOUT, "others hold locks on all tables to be analyzed: " + locked));
            }
            return analyzed.isEmpty()
                    ? Done.nothing(report(), findings, measurements(dryRun))
                    : Done.succeeded(report(), findings, measurements(dryRun));
        }

        private void analyze(Candidate table) throws SQLException {
            attempt.progress(
                    100.0 * (analyzed.size() + locked.size()) / chosen.size(),
                    Optional.empty(),
                    "analyzing " + table.name());
            long start = System.nanoTime();
            List<PostgresSession.Notice> notices =
                    session.run("ANALYZE (SKIP_LOCKED) " + table.name().sql());
            Optional<PostgresSession.Notice> skipped =
                    notices.stream().filter(PostgresSession.Notice::isSkipped).findFirst();
            if (skipped.isEmpty()) {
                analyzed.add(table.name().table());
            } else if (skipped.get().isLocked()) {
                locked.add(table.name().table());
            } else {
                findings.add(new Finding(
                        "analyze-refused",
                        Severity.WARNING,
                        table.name().text(),
                        skipped.get().message(),
                        "the right to analyze it",
                        "built-in",
                        "Make Upkeep's role a member of the owner of table " + table.name()
                                + ", or from PostgreSQL 17 on: GRANT MAINTAIN ON "
                                + table.name().sql() + " TO it."));
            }
            attempt.yieldToApplication(Duration.ofNanos(System.nanoTime() - start), PAUSE);
        }

        private Done partial(Stop stop) {
            String where = "after " + analyzed.size() + " of " + chosen.size() + " tables";
            return Done.partial(report(), Stopped.reason(stop, where), findings, measurements(false));
        }

        private Analyze.Report report() {
            return new Analyze.Report(analyzed, locked, unchanged);
        }

        private List<Measurement> measurements(boolean dryRun) {
            return dryRun ? List.of() : List.of(Measurement.count("analyze_done", "tables", analyzed.size(), Map.of()));
        }
    }
}
