package dev.upkeep.executor.operation.checkpoint;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.Checkpoint.Mode;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.LockHolders;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checkpoints a SQLite file. Whatever the mode, a passive checkpoint goes first: it waits for nobody and leaves little for the
 * thorough modes, which keep writers waiting while they wait for readers and therefore wait only briefly each time.
 */
@ApplicationScoped
public class SqliteCheckpoint implements Operation<Checkpoint, SqliteDatabase> {
    private static final Duration BUDGET = Duration.ofSeconds(5);
    private static final int BRIEFLY_MILLIS = 100;

    /** What {@code PRAGMA wal_checkpoint} answers; pages are -1 outside WAL mode. */
    private record Answer(boolean isBusy, long walPages, long movedPages) {
        boolean isComplete() {
            return !isBusy && walPages == movedPages;
        }
    }

    @Override
    public Class<Checkpoint> task() {
        return Checkpoint.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Checkpoint> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        Mode mode = order.task().mode().orElse(Mode.PASSIVE);
        if (order.dryRun()) {
            try (SqliteSession session = SqliteSession.reading(database, attempt)) {
                return preview(mode, SqliteFigures.of(session, database));
            }
        }
        try (SqliteSession session = SqliteSession.writing(database, attempt)) {
            SqliteFigures before = SqliteFigures.of(session, database);
            if (!before.isWal() || before.walBytes() == 0) {
                return nothing(mode, before);
            }
            Duration budget = order.task().busyBudget().orElse(BUDGET);
            return checkpoint(session, database, mode, budget, before, attempt);
        }
    }

    private static Done preview(Mode mode, SqliteFigures figures) {
        if (!figures.isWal() || figures.walBytes() == 0) {
            return nothing(mode, figures);
        }
        Checkpoint.Report report =
                new Checkpoint.Report(mode, figures.walPages(), 0, figures.walBytes(), figures.walBytes(), false);
        return Done.succeeded(report, List.of(), List.of());
    }

    private static Done nothing(Mode mode, SqliteFigures figures) {
        return Done.nothing(
                new Checkpoint.Report(mode, 0, 0, figures.walBytes(), figures.walBytes(), true),
                List.of(),
                List.of(Measurement.gauge("wal_size", "bytes", (double) figures.walBytes())));
    }

    private static Done checkpoint(
            SqliteSession session,
            SqliteDatabase database,
            Mode mode,
            Duration budget,
            SqliteFigures before,
            Attempt attempt)
            throws SQLException {
        Answer passive = run(session, Mode.PASSIVE);
        Answer last = passive;
        if (mode != Mode.PASSIVE) {
            session.execute("PRAGMA busy_timeout = " + BRIEFLY_MILLIS);
            last = thorough(session, mode, budget, passive, attempt);
        }
        boolean isComplete = last.isComplete();
        long walPages = Math.max(passive.walPages(), last.walPages());
        long moved = isComplete ? walPages : Math.max(passive.movedPages(), last.movedPages());
        long after = SqliteFigures.walBytes(database);
        Checkpoint.Report report = new Checkpoint.Report(mode, walPages, moved, before.walBytes(), after, isComplete);
        List<Measurement> measurements = List.of(
                Measurement.gauge("wal_size", "bytes", (double) after),
                Measurement.count("checkpoint_moved", "pages", (double) moved, Map.of()));
        if (isComplete) {
            return Done.succeeded(report, List.of(), measurements);
        }
        LockHolders holders = LockHolders.of(database.file());
        List<Finding> findings = List.of(heldBack(database, walPages, moved, holders));
        if (mode == Mode.PASSIVE) {
            return Done.succeeded(report, findings, measurements);
        }
        Optional<Stop> stop = attempt.stop();
        if (stop.isPresent()) {
            return Done.partial(report, stop.get().reason(), findings, measurements);
        }
        Reason reason = session.contention("the checkpoint (" + mode + ", " + budget + ")");
        return new Done(Outcome.CONTENDED, Optional.of(report), Optional.of(reason), findings, measurements);
    }

    private static Answer thorough(SqliteSession session, Mode mode, Duration budget, Answer passive, Attempt attempt)
            throws SQLException {
        try {
            return session.patiently(budget, () -> {
                Answer answer = run(session, mode);
                if (answer.isBusy()) {
                    throw new SQLException("readers or writers hold the log", "", 5);
                }
                return answer;
            });
        } catch (SQLException e) {
            if (session.isBusy(e) || attempt.stop().isPresent()) {
                return new Answer(true, passive.walPages(), passive.movedPages());
            }
            throw e;
        }
    }

    private static Answer run(SqliteSession session, Mode mode) throws SQLException {
        session.checkSameFile();
        return session.first(
                        "PRAGMA wal_checkpoint(" + mode + ")",
                        row -> new Answer(row.getInt(1) != 0, row.getLong(2), row.getLong(3)))
                .orElseThrow();
    }

    private static Finding heldBack(SqliteDatabase database, long walPages, long moved, LockHolders holders) {
        return new Finding(
                "checkpoint-held-back",
                Severity.WARNING,
                database.file() + "-wal",
                (walPages - moved) + " of " + walPages + " pages stay in the log",
                "0 pages",
                "built-in",
                "end the long reading or writing session and checkpoint again: " + holders.inWords());
    }
}
