package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.HealthCheck.Profile;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.Trouble;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks at a SQLite file in one session that only reads and takes no write lock. A file that cannot be opened is a critical
 * finding, not a failure; one whose lock others hold all the while is contended. The full profile also reads all pages.
 */
@ApplicationScoped
public class SqliteHealth implements Operation<HealthCheck, SqliteDatabase> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ExecutorThresholds thresholds;
    private final HealthMemory memory;
    private final VerifiedBackups backups;

    @Inject
    public SqliteHealth(ExecutorThresholds thresholds, HealthMemory memory, VerifiedBackups backups) {
        this.thresholds = thresholds;
        this.memory = memory;
        this.backups = backups;
    }

    @Override
    public Class<HealthCheck> task() {
        return HealthCheck.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<HealthCheck> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Optional<String> problem = Thresholds.problem(order.task());
        if (problem.isPresent()) {
            return Done.rejected(new Reason(Code.INVALID, problem.get()));
        }
        Thresholds limits = Thresholds.of(order.task(), thresholds, database.id());
        Examination examination = new Examination(limits);
        limits.overridden(SqliteChecks.ALL).forEach((check, words) -> examination.fact("limits of " + check, words));
        examination.looked(SqliteChecks.REACHABLE);
        long begin = System.nanoTime();
        try (SqliteSession session = SqliteSession.reading(database, attempt, PATIENCE)) {
            double took = (System.nanoTime() - begin) / 1e9;
            examination.measure(Measurement.gauge("round_trip", "seconds", took));
            examination.judge(
                    SqliteChecks.ROUND_TRIP,
                    "",
                    took,
                    () -> "look for a slow disk or writers that keep " + database.file());
            return look(order, session, database, attempt, examination);
        } catch (SQLException e) {
            Code code = database.codeOf(e);
            if (code == Code.BUSY) {
                return Done.contended(SqliteSession.contention(database, "the health check"));
            }
            if (code == Code.STATEMENT_TIMEOUT || code == Code.INTERNAL) {
                throw e;
            }
            examination.report(
                    SqliteChecks.REACHABLE, Severity.CRITICAL, "", said(e), "answers", Trouble.advice(code, database));
            return examination.done();
        }
    }

    private Done look(
            Order<HealthCheck> order,
            SqliteSession session,
            SqliteDatabase database,
            Attempt attempt,
            Examination examination)
            throws SQLException, IOException {
        SqliteExam exam = new SqliteExam(session, database, examination);
        boolean isFull = order.task().profile().orElse(Profile.QUICK) == Profile.FULL;
        try {
            exam.facts();
            exam.sizes();
            exam.log();
            exam.growth(memory, order.asOf());
            SqliteDataExam data = new SqliteDataExam(session, examination, order.asOf());
            data.retention(order.task().retention(), isFull);
            if (!BackupExam.look(backups, database.id(), order.asOf(), examination)) {
                examination.fact("last verified backup", "none known to this executor");
            }
            data.leases(order.task().leases());
            exam.locks(attempt);
            exam.disk(memory.disks());
            if (isFull) {
                attempt.progress(50, Optional.empty(), "reading all pages");
                exam.content();
            }
        } catch (SQLException e) {
            Optional<Stop> stop = session.stopOf(e);
            if (stop.isPresent()) {
                return SqliteSession.stopped(examination.done(), stop.get());
            }
            if (database.codeOf(e) != Code.CORRUPT) {
                throw e;
            }
            exam.damaged(String.valueOf(e.getMessage()));
        }
        return examination.done();
    }

    /** What the driver said, without the advice that the finding has in a place of its own. */
    private static String said(SQLException e) {
        return String.valueOf(e.getCause() instanceof SQLException first ? first.getMessage() : e.getMessage());
    }
}
