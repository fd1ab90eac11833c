package dev.upkeep.executor.operation.integrity;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.IntegrityCheck;
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
import java.util.Optional;

/**
 * Looks for damage in a PostgreSQL database: invalid indexes, checksum failures that the server has seen, and, where extension
 * amcheck is installed, the structure of every B-tree index. If full, also that every row is in its indexes, and the pages of
 * every table. It takes no lock that stops readers or writers, and it repairs nothing.
 */
@ApplicationScoped
public class PostgresIntegrityCheck implements Operation<IntegrityCheck, PostgresDatabase> {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);
    private static final String TARGETS = """
            SELECT 'table' AS kind, c.oid::int8 AS oid, n.nspname, c.relname, true AS valid
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND c.relkind IN ('r', 'm') AND (cardinality(?::int8[]) = 0 OR c.oid::int8 = ANY (?::int8[]))
            UNION ALL
            SELECT CASE m.amname WHEN 'btree' THEN 'btree' ELSE 'index' END, i.oid::int8, n.nspname, i.relname, x.indisvalid
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND i.relkind = 'i' AND (cardinality(?::int8[]) = 0 OR c.oid::int8 = ANY (?::int8[]))
            ORDER BY oid
            """;

    @Override
    public Class<IntegrityCheck> task() {
        return IntegrityCheck.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    private record Target(String kind, long oid, RelationName name, boolean valid) {}

    @Override
    public Done perform(Order<IntegrityCheck> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        try (PostgresSession session =
                PostgresSession.readOnly(database, order.command(), attempt, STATEMENT_TIMEOUT)) {
            Long[] ids =
                    PostgresTable.ids(PostgresTable.find(session, order.task().tables()));
            List<Target> targets = session.rows(
                    TARGETS,
                    row -> new Target(
                            row.getString("kind"),
                            row.getLong("oid"),
                            new RelationName(row.getString("nspname"), row.getString("relname")),
                            row.getBoolean("valid")),
                    ids,
                    ids,
                    ids,
                    ids);
            boolean isFull = order.task().depth().orElse(IntegrityCheck.Depth.QUICK) == IntegrityCheck.Depth.FULL;
            return new Round(session, database, attempt, isFull).done(targets, order.dryRun());
        }
    }

    /** One walk over tables and indexes. */
    private static final class Round {
        private final PostgresSession session;
        private final PostgresDatabase database;
        private final Attempt attempt;
        private final boolean isFull;
        private final List<Finding> findings = new ArrayList<>();
        private final List<String> means = new ArrayList<>();
        private int objects;
        private int problems;

        Round(PostgresSession session, PostgresDatabase database, Attempt attempt, boolean isFull) {
            this.session = session;
            this.database = database;
            this.attempt = attempt;
            this.isFull = isFull;
        }

        Done done(List<Target> targets, boolean dryRun) throws SQLException {
            Optional<String> amcheck = session.first(
                    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
                            + " WHERE e.extname = 'amcheck'",
                    row -> RelationName.quoted(row.getString(1)));
            boolean checksHeap = session.version() >= 140_000 && amcheck.isPresent();
            means.add("catalogue");
            means.add("checksum counters");
            amcheck.ifPresent(schema -> means.add("amcheck"));
            if (isFull) {
                means.add(checksHeap ? "verify_heapam" : "reading every table");
            }
            if (amcheck.isEmpty()) {
                findings.add(
                        new Finding(
                                "amcheck-missing",
                                Severity.INFO,
                                "",
                                "not installed",
                                "extension amcheck",
                                "built-in",
                                "CREATE EXTENSION amcheck in database " + database.id()
                                        + ", and grant EXECUTE on its functions to Upkeep's role, so that indexes can be checked."));
            }
            checksums();
            if (dryRun) {
                objects = targets.size();
                return Done.succeeded(report(), findings, List.of());
            }
            session.takeTime();
            for (Target target : targets) {
                Optional<Stop> stop = attempt.stop();
                if (stop.isPresent()) {
                    return partial(stop.get(), targets.size());
                }
                attempt.progress(100.0 * objects / targets.size(), Optional.empty(), "checking " + target.name());
                try {
                    look(target, amcheck, checksHeap);
                } catch (SQLException e) {
                    Optional<Stop> broken = attempt.stop();
                    if (broken.isPresent() && PostgresSession.isBrokenOff(e)) {
                        return partial(broken.get(), targets.size());
                    }
                    session.release();
                    judge(target, e);
                }
                objects++;
            }
            return Done.succeeded(report(), findings, measurements());
        }

        private void checksums() throws SQLException {
            session.each(
                    "SELECT coalesce(datname, 'shared objects'), checksum_failures, checksum_last_failure FROM pg_stat_database"
                            + " WHERE checksum_failures > 0 AND (datname = current_database() OR datname IS NULL)",
                    row -> problem(
                            "checksum-failures",
                            row.getString(1),
                            row.getLong(2) + " failures",
                            "Pages on disk are damaged, last seen at "
                                    + row.getTimestamp(3).toInstant()
                                    + ". Restore from the last verified backup, and check the disk."));
            session.release();
        }

        private void look(Target target, Optional<String> amcheck, boolean checksHeap) throws SQLException {
            if (!target.valid()) {
                problem(
                        "invalid-index",
                        target.name().text(),
                        "invalid",
                        "Run task reindex on index " + target.name() + ".");
                return;
            }
            if (target.kind().equals("btree") && amcheck.isPresent()) {
                session.first(
                        "SELECT " + amcheck.get() + ".bt_index_check(?::int8::oid::regclass, " + isFull + ")",
                        row -> true,
                        target.oid());
            } else if (target.kind().equals("table") && isFull && checksHeap) {
                session.each(
                        "SELECT blkno, offnum, msg FROM " + amcheck.orElseThrow()
                                + ".verify_heapam(?::int8::oid::regclass, on_error_stop => true)",
                        row -> problem(
                                "damaged-table",
                                target.name().text(),
                                "page " + row.getLong(1),
                                row.getString(3) + ". Restore table " + target.name()
                                        + " from the last verified backup."),
                        target.oid());
            } else if (target.kind().equals("table") && isFull) {
                session.first("SELECT count(*) FROM " + target.name().sql(), row -> row.getLong(1));
            }
            session.release();
        }

        private void judge(Target target, SQLException error) throws SQLException {
            Code code = database.codeOf(error);
            boolean isIndex = !target.kind().equals("table");
            String text = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
            switch (code) {
                case CORRUPT ->
                    problem(
                            isIndex ? "damaged-index" : "damaged-table",
                            target.name().text(),
                            text,
                            isIndex
                                    ? "Run task reindex on index " + target.name()
                                            + ", then check the disk and, after an upgrade of"
                                            + " the operating system, collations."
                                    : "Restore table " + target.name()
                                            + " from the last verified backup, and check the disk.");
                case PERMISSION_DENIED, LOCK_TIMEOUT, NO_SUCH_TABLE ->
                    findings.add(new Finding(
                            "not-looked",
                            Severity.INFO,
                            target.name().text(),
                            text,
                            "a look",
                            "built-in",
                            code == Code.PERMISSION_DENIED
                                    ? "Grant EXECUTE on the functions of amcheck, and SELECT on table " + target.name()
                                            + ", to Upkeep's role."
                                    : "It was locked or dropped meanwhile; the next check looks again."));
                default -> throw error;
            }
        }

        private void problem(String check, String object, String value, String advice) {
            problems++;
            findings.add(new Finding(check, Severity.CRITICAL, object, value, "no damage", "built-in", advice));
        }

        private Done partial(Stop stop, int of) {
            return Done.partial(
                    report(),
                    Stopped.reason(stop, "after " + objects + " of " + of + " objects"),
                    findings,
                    measurements());
        }

        private IntegrityCheck.Report report() {
            return new IntegrityCheck.Report(objects, problems, List.copyOf(means));
        }

        private List<Measurement> measurements() {
            return List.of(
                    Measurement.gauge("integrity_checked", "objects", (long) objects),
                    Measurement.gauge("integrity_problems", "count", (long) problems));
        }
    }
}
