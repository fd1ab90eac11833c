package dev.upkeep.executor.operation.migration;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.common.task.MigrationGuard.Phase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.sqlite.LockHolders;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Guards a migration of a SQLite file. Before: a verified backup, nobody who keeps the write lock, room for a rewrite, and an
 * undamaged file; what stands in the way rejects the command, so that what follows in it is not done. After: statistics of the
 * tables that changed, and foreign keys and structure in order.
 */
@ApplicationScoped
public class SqliteMigrationGuard implements Operation<MigrationGuard, SqliteDatabase> {
    private static final int LOOKS = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final double ROOM = 2;

    private final VerifiedBackups backups;
    private final SqliteAnalyze analyze;

    @Inject
    public SqliteMigrationGuard(VerifiedBackups backups, SqliteAnalyze analyze) {
        this.backups = backups;
        this.analyze = analyze;
    }

    @Override
    public Class<MigrationGuard> task() {
        return MigrationGuard.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<MigrationGuard> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Course course = new Course();
        try (SqliteSession session = SqliteSession.reading(database, attempt)) {
            List<SqliteTable> tables = SqliteTable.all(session);
            for (TableName name : order.task().tables()) {
                if (SqliteTable.find(tables, name).isEmpty()) {
                    return Done.rejected(SqliteTable.missing("tables", name, database));
                }
            }
            if (order.task().phase() == Phase.BEFORE) {
                before(order, session, database, attempt, course);
            }
            structure(session, database, course);
        } catch (SQLException e) {
            if (attempt.stop().isPresent()) {
                return Done.partial(course.report(), attempt.stop().get().reason(), course.findings, List.of());
            }
            if (database.codeOf(e) != Code.CORRUPT) {
                throw e;
            }
            course.stands("quick-check", "", String.valueOf(e.getMessage()), "restore the last verified backup");
        }
        if (order.task().phase() == Phase.AFTER) {
            Analyze task =
                    new Analyze(order.task().tables(), order.task().tables().isEmpty());
            Order<Analyze> analyzing =
                    new Order<>(order.command(), task, order.asOf(), order.dryRun(), Optional.empty());
            Done done = analyze.perform(analyzing, database, attempt);
            course.steps.add("statistics: " + done.outcome().name().toLowerCase(java.util.Locale.ROOT));
        }
        return course.done();
    }

    private void before(
            Order<MigrationGuard> order, SqliteSession session, SqliteDatabase database, Attempt attempt, Course course)
            throws SQLException, IOException {
        Optional<Duration> within = order.task().backupWithin();
        if (within.isPresent()) {
            Optional<Instant> newest = backups.newest(database.id());
            boolean isRecent =
                    newest.isPresent() && !newest.get().isBefore(order.asOf().minus(within.get()));
            course.look(
                    "backup",
                    isRecent,
                    newest.map(at -> "the last verified one is of " + at).orElse("there is no verified one"),
                    "take a backup of " + database.id() + " and order this again");
        }
        SqliteFigures figures = SqliteFigures.of(session, database);
        double free = Files.getFileStore(database.file()).getUsableSpace();
        course.look(
                "disk-free",
                free >= figures.bytes() * ROOM,
                (long) free + " bytes free beside a file of " + figures.bytes(),
                "make room on the disk of " + database.file());
        LockHolders keeping = keeping(database, attempt);
        course.look(
                "write-lock",
                keeping.isEmpty(),
                keeping.isEmpty() ? "nobody keeps it" : keeping.inWords() + " all the while",
                "end that transaction, or stop the application for the migration");
    }

    /** Who held the write lock at every look. */
    private static LockHolders keeping(SqliteDatabase database, Attempt attempt) {
        LockHolders last = LockHolders.nobody();
        for (int look = 0; look < LOOKS; look++) {
            last = LockHolders.of(database.file()).others().who(LockHolders.Kind.WRITES);
            if (last.isEmpty()) {
                return last;
            }
            attempt.yieldToApplication(Duration.ZERO, BETWEEN_LOOKS);
        }
        return last;
    }

    private static void structure(SqliteSession session, SqliteDatabase database, Course course) throws SQLException {
        String fault = session.text("PRAGMA quick_check(1)");
        course.look("quick-check", fault.equals("ok"), fault, "restore the last verified backup of " + database.id());
        long orphans = session.number("SELECT count(*) FROM pragma_foreign_key_check");
        course.look(
                "foreign-keys",
                orphans == 0,
                orphans + " rows without their parent",
                "see the rows with PRAGMA foreign_key_check in " + database.file());
    }

    /** What was looked at. */
    private static final class Course {
        private final List<String> steps = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();

        void look(String check, boolean isFine, String value, String advice) {
            steps.add(check + ": " + value);
            if (!isFine) {
                stands(check, "", value, advice);
            }
        }

        void stands(String check, String object, String value, String advice) {
            findings.add(new Finding(check, Severity.CRITICAL, object, value, "fine", "built-in", advice));
        }

        MigrationGuard.Report report() {
            return new MigrationGuard.Report(findings.isEmpty(), steps);
        }

        Done done() {
            if (findings.isEmpty()) {
                return Done.succeeded(report(), List.of(), List.of());
            }
            String all = String.join(
                    "; ",
                    findings.stream()
                            .map(finding -> finding.check() + ": " + finding.value())
                            .toList());
            Reason reason = new Reason(Code.GUARDRAIL, "in the way of the migration: " + all);
            return new Done(
                    dev.upkeep.common.result.Outcome.REJECTED,
                    Optional.of(report()),
                    Optional.of(reason),
                    findings,
                    List.of());
        }
    }
}
