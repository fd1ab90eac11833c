package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.task.Vacuum.Mode;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Vacuums a SQLite file. {@code plain} rewrites the whole file, which keeps writers waiting all the while; {@code auto} does so
 * only where enough is free and the wait is shorter than what applications usually bear; {@code incremental}, which
 * {@code auto} takes where the file allows it, gives pages back in short portions. Broken off, the file is as it was.
 */
@ApplicationScoped
public class SqliteVacuum implements Operation<Vacuum, SqliteDatabase> {
    /** Less than this is not worth a rewrite, whatever its share of the file. */
    static final long LEAST_FREE_BYTES = 1024 * 1024;

    private static final double LEAST_FREE_SHARE = 0.1;
    private static final int PAGES = 10_000;
    private static final int PORTION = 500;

    private final Duration patience;

    public SqliteVacuum() {
        this(SqliteSession.PATIENCE);
    }

    /** With another patience for locks that others hold. */
    SqliteVacuum(Duration patience) {
        this.patience = patience;
    }

    @Override
    public Class<Vacuum> task() {
        return Vacuum.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Vacuum> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Vacuum task = order.task();
        Optional<Reason> misfit = misfit(task);
        if (misfit.isPresent()) {
            return Done.rejected(misfit.get());
        }
        try (SqliteSession session =
                order.dryRun() ? SqliteSession.reading(database, attempt) : SqliteSession.writing(database, attempt)) {
            SqliteFigures before = SqliteFigures.of(session, database);
            Mode mode = effective(task.mode().orElse(Mode.AUTO), before);
            if (task.mode().orElse(Mode.AUTO) == Mode.AUTO && !isWorthIt(task, before)) {
                return Done.nothing(report(before, before), List.of(), before.measurements());
            }
            return mode == Mode.INCREMENTAL
                    ? incremental(order, session, database, attempt, before)
                    : whole(order, session, database, attempt, before);
        }
    }

    private static Optional<Reason> misfit(Vacuum task) {
        if (!task.tables().isEmpty()) {
            return Optional.of(new Reason(
                    Code.INVALID,
                    "tables: " + task.tables() + " (must be absent for SQLite, which vacuums whole files)"));
        }
        Mode mode = task.mode().orElse(Mode.AUTO);
        return mode == Mode.FREEZE || mode == Mode.FULL
                ? Optional.of(new Reason(
                        Code.UNSUPPORTED, "mode: " + mode + " (must be auto, plain or incremental for SQLite)"))
                : Optional.empty();
    }

    private static Mode effective(Mode asked, SqliteFigures figures) {
        boolean inPortions = asked == Mode.AUTO && figures.autoVacuum() == SqliteFigures.INCREMENTAL;
        return inPortions ? Mode.INCREMENTAL : asked;
    }

    private static boolean isWorthIt(Vacuum task, SqliteFigures figures) {
        return figures.freeBytes() >= LEAST_FREE_BYTES
                && figures.freeShare() >= task.leastFreeShare().orElse(LEAST_FREE_SHARE);
    }

    private Done whole(
            Order<Vacuum> order, SqliteSession session, SqliteDatabase database, Attempt attempt, SqliteFigures before)
            throws SQLException, IOException {
        Duration wait = Rewrite.writersWait(before);
        boolean isAuto = order.task().mode().orElse(Mode.AUTO) == Mode.AUTO;
        if (isAuto && wait.compareTo(Rewrite.BEARABLE) > 0) {
            return Done.rejected(Rewrite.tooLong(database.file(), wait), report(before, before));
        }
        Optional<Reason> noRoom = Rewrite.noRoom(database.file(), before);
        if (noRoom.isPresent()) {
            return Done.rejected(noRoom.get(), report(before, before));
        }
        if (order.dryRun()) {
            return Done.succeeded(expected(before, before.freePages()), List.of(), before.measurements());
        }
        attempt.progress(0, Optional.of(wait), "rewriting " + before.bytes() + " bytes");
        try {
            session.execute("VACUUM", patience);
        } catch (SQLException e) {
            return unfinished(e, session, before);
        }
        if (order.task().analyze()) {
            session.execute("PRAGMA analysis_limit = 1000");
            session.execute("ANALYZE", patience);
        }
        shortenLog(session, before);
        SqliteFigures after = SqliteFigures.of(session, database);
        return Done.succeeded(report(before, after), List.of(), freed(before, after));
    }

    /** After a rewrite the log is as large as the database was; whoever reads it just now may keep it. */
    private static void shortenLog(SqliteSession session, SqliteFigures before) throws SQLException {
        if (before.isWal()) {
            session.first("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1));
        }
    }

    private Done incremental(
            Order<Vacuum> order, SqliteSession session, SqliteDatabase database, Attempt attempt, SqliteFigures before)
            throws SQLException {
        if (before.autoVacuum() != SqliteFigures.INCREMENTAL) {
            return Done.rejected(
                    new Reason(
                            Code.UNSUPPORTED,
                            "mode: incremental (" + database.file() + " must have auto_vacuum = incremental; it is "
                                    + before.autoVacuum() + ", and Upkeep does not change it)"),
                    report(before, before));
        }
        long pages = Math.min(before.freePages(), order.task().pages().orElse(PAGES));
        if (pages == 0) {
            return Done.nothing(report(before, before), List.of(), before.measurements());
        }
        if (order.dryRun()) {
            return Done.succeeded(expected(before, pages), List.of(), before.measurements());
        }
        try {
            for (long done = 0; done < pages; done += PORTION) {
                long begin = System.nanoTime();
                session.execute("PRAGMA incremental_vacuum(" + Math.min(PORTION, pages - done) + ")", patience);
                attempt.progress(100.0 * done / pages, Optional.empty(), "giving back pages");
                Duration batch = Duration.ofNanos(System.nanoTime() - begin);
                attempt.yieldToApplication(batch, batch);
            }
        } catch (SQLException e) {
            return unfinished(e, session, before);
        }
        SqliteFigures after = SqliteFigures.of(session, database);
        return Done.succeeded(report(before, after), List.of(), freed(before, after));
    }

    private static Done unfinished(SQLException e, SqliteSession session, SqliteFigures before) throws SQLException {
        Optional<Stop> stop = session.stopOf(e);
        if (stop.isPresent()) {
            return Done.partial(report(before, before), stop.get().reason(), List.of(), before.measurements());
        }
        if (session.isBusy(e)) {
            return Done.contended(session.contention("VACUUM"));
        }
        throw e;
    }

    private static Vacuum.Report report(SqliteFigures before, SqliteFigures after) {
        return new Vacuum.Report(before.bytes(), after.bytes(), List.of(), List.of());
    }

    private static Vacuum.Report expected(SqliteFigures before, long pages) {
        return new Vacuum.Report(before.bytes(), before.bytes() - pages * before.pageSize(), List.of(), List.of());
    }

    private static List<Measurement> freed(SqliteFigures before, SqliteFigures after) {
        List<Measurement> measurements = new ArrayList<>(after.measurements());
        double bytes = (double) Math.max(0, before.bytes() - after.bytes());
        measurements.add(Measurement.count("vacuum_freed", "bytes", bytes, Map.of()));
        return measurements;
    }
}
