package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks a PostgreSQL database over in one read-only session: a dozen queries over catalogue and statistics, whose cost does
 * not depend on how much data there is. It locks no table, gives up on any lock after a second, and reads nobody's rows.
 *
 * <p>A database that cannot be reached is a finding, not a failure. A part that lacks a right or a lock is a finding too, and the
 * other parts go on. A dry run is the same, as nothing is changed anyway.
 */
@ApplicationScoped
public class PostgresHealth implements Operation<HealthCheck, PostgresDatabase> {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);
    private static final Set<Code> DOWN = EnumSet.of(
            Code.DATABASE_DOWN,
            Code.CONNECTION_LOST,
            Code.TOO_MANY_CONNECTIONS,
            Code.AUTHENTICATION_FAILED,
            Code.NO_SUCH_DATABASE);
    private static final Set<Code> LEFT_OUT =
            EnumSet.of(Code.PERMISSION_DENIED, Code.LOCK_TIMEOUT, Code.STATEMENT_TIMEOUT);

    private final Clock clock;
    private final ExecutorThresholds thresholds;
    private final Optional<VerifiedBackups> backups;
    private final List<PostgresExam> exams;

    @Inject
    PostgresHealth(ExecutorThresholds thresholds, HealthMemory memory, Instance<VerifiedBackups> backups) {
        this(thresholds, memory, backups.isResolvable() ? Optional.of(backups.get()) : Optional.empty());
    }

    PostgresHealth(ExecutorThresholds thresholds, HealthMemory memory) {
        this(thresholds, memory, Optional.empty());
    }

    /** Without CDI. */
    public PostgresHealth(ExecutorThresholds thresholds, HealthMemory memory, Optional<VerifiedBackups> backups) {
        this(thresholds, memory, backups, Clock.systemUTC());
    }

    /** By another clock than this host's. */
    PostgresHealth(ExecutorThresholds thresholds, HealthMemory memory, Optional<VerifiedBackups> backups, Clock clock) {
        this.clock = clock;
        this.thresholds = thresholds;
        this.backups = backups;
        this.exams = List.of(
                new PostgresServerExam(memory),
                new PostgresSessionsExam(),
                new PostgresReplicationExam(memory),
                new PostgresTablesExam(),
                new PostgresIndexesExam(memory),
                new PostgresKeysExam(memory),
                new PostgresPartitionsExam(),
                new PostgresBloatExam(),
                new PostgresDisksExam(memory.disks()));
    }

    @Override
    public Class<HealthCheck> task() {
        return HealthCheck.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<HealthCheck> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        Optional<String> problem = Thresholds.problem(order.task());
        if (problem.isPresent()) {
            return Done.rejected(new Reason(Code.INVALID, problem.get()));
        }
        Thresholds limits = Thresholds.of(order.task(), thresholds, database.id());
        Examination examination = new Examination(limits);
        limits.overridden(ALL).forEach((check, words) -> examination.fact("limits of " + check, words));
        examination.looked(REACHABLE);
        try (PostgresSession session =
                PostgresSession.catalogue(database, order.command(), attempt, STATEMENT_TIMEOUT)) {
            examine(session, order.task(), database, attempt, examination);
        } catch (SQLException e) {
            Code code = database.codeOf(e);
            if (!DOWN.contains(code)) {
                throw e;
            }
            examination.report(REACHABLE, Severity.CRITICAL, "", say(code), "an answer", advice(code, database));
        }
        examination.measure(Measurement.gauge("database_reachable", "ratio", examination.has(REACHABLE) ? 0 : 1));
        return examination.done();
    }

    private void examine(
            PostgresSession session,
            HealthCheck task,
            PostgresDatabase database,
            Attempt attempt,
            Examination examination)
            throws SQLException {
        roundTrip(session, examination);
        PostgresServer server = PostgresServer.read(session, database.id());
        offset(server, examination);
        if (backups.isPresent() && !BackupExam.look(backups.get(), server.database(), server.now(), examination)) {
            examination.inform(
                    HostChecks.BACKUP_AGE,
                    "",
                    "none known",
                    "This executor's store holds no verified backup of database " + server.database()
                            + "; unless another tool takes them, run task backup by a policy.");
        }
        List<PostgresExam> all = new ArrayList<>(exams);
        all.add(new PostgresRetentionExam(task));
        for (PostgresExam exam : all) {
            if (attempt.stop().isPresent()) {
                examination.inform(NOT_LOOKED, exam.subject(), "stopped", "Run the health check again.");
                continue;
            }
            look(exam, session, server, database, examination);
        }
    }

    private static void look(
            PostgresExam exam,
            PostgresSession session,
            PostgresServer server,
            PostgresDatabase database,
            Examination examination)
            throws SQLException {
        try {
            exam.look(session, server, examination);
        } catch (SQLException e) {
            Code code = database.codeOf(e);
            if (!LEFT_OUT.contains(code)) {
                throw e;
            }
            session.release();
            examination.inform(
                    NOT_LOOKED,
                    exam.subject(),
                    say(code),
                    code == Code.PERMISSION_DENIED
                            ? "Grant the role pg_monitor to Upkeep's role."
                            : "Something else holds locks on the catalogue, or the server is very busy; the next health"
                                    + " check looks again.");
        }
    }

    private static void roundTrip(PostgresSession session, Examination examination) throws SQLException {
        long start = System.nanoTime();
        session.first("SELECT 1", row -> row.getInt(1));
        double seconds = (System.nanoTime() - start) / 1e9;
        examination.measure(Measurement.gauge("round_trip", "seconds", seconds));
        examination.judge(
                ROUND_TRIP,
                "",
                seconds,
                () -> "Look at the network between executor and server, and at the server's load.");
    }

    private void offset(PostgresServer server, Examination examination) {
        double offset = Math.abs(Duration.between(server.now(), clock.instant()).toMillis() / 1000.0);
        examination.measure(Measurement.gauge("clock_offset", "seconds", offset));
        examination.judge(
                CLOCK_OFFSET,
                "",
                offset,
                () -> "Check time synchronisation on the server's host and on the executor's.");
    }

    private static String say(Code code) {
        return code.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    private static String advice(Code code, PostgresDatabase database) {
        return switch (code) {
            case TOO_MANY_CONNECTIONS ->
                "All connections of " + database.address() + " are taken: end idle sessions, use a pool, or raise"
                        + " max_connections.";
            case AUTHENTICATION_FAILED ->
                "Check user and password of database " + database.id()
                        + " in the executor's configuration, and pg_hba.conf.";
            case NO_SUCH_DATABASE ->
                "There is no such database on the server; check " + database.address()
                        + " in the executor's configuration.";
            default ->
                "Check that the server at " + database.address() + " runs and that the executor's host can reach it.";
        };
    }
}
