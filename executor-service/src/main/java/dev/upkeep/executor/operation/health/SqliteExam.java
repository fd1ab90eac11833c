package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.sqlite.LockHolders;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import java.io.File;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The parts of the health check of one SQLite file. Used by one thread. */
final class SqliteExam {
    private static final long LOG_WORTH_A_RATIO = 16L * 1024 * 1024;
    private static final long LOG_WORTH_A_CHECKPOINT = 8L * 1024 * 1024;
    private static final int LOOKS = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);
    private static final int MOST_FAULTS = 20;

    private final SqliteSession session;
    private final SqliteDatabase database;
    private final Examination examination;
    private final SqliteFigures figures;

    SqliteExam(SqliteSession session, SqliteDatabase database, Examination examination) throws SQLException {
        this.session = session;
        this.database = database;
        this.examination = examination;
        this.figures = SqliteFigures.of(session, database);
    }

    void facts() throws SQLException {
        examination.fact("sqlite", session.text("SELECT sqlite_version()"));
        examination.fact("application id", session.text("PRAGMA application_id"));
        examination.fact("user version", session.text("PRAGMA user_version"));
        examination.fact("schema version", session.text("PRAGMA schema_version"));
        examination.fact("encoding", session.text("PRAGMA encoding"));
        examination.fact("page size", Long.toString(figures.pageSize()));
        examination.fact("journal mode", figures.journalMode());
        examination.fact(
                "auto vacuum",
                switch (figures.autoVacuum()) {
                    case 0 -> "none";
                    case 1 -> "full";
                    default -> "incremental";
                });
    }

    void sizes() {
        figures.measurements().forEach(examination::measure);
        examination.judge(
                SqliteChecks.DATABASE_SIZE,
                "",
                (double) figures.bytes(),
                () -> "purge what is past its retention from " + database.file() + ", then vacuum; or raise the limit");
        examination.judge(
                SqliteChecks.FREELIST,
                SqliteChecks.FREELIST_SIZE,
                "",
                figures.freeShare(),
                (double) figures.freeBytes(),
                () -> "vacuum " + database.file() + " in a quiet window");
    }

    /** Against the usual rate, as far as this process has seen it. */
    void growth(HealthMemory memory, Instant at) {
        examination.looked(SqliteChecks.DATABASE_GROWTH);
        Optional<HealthMemory.Sample> before = memory.last(database.id());
        HealthMemory.Sample now = new HealthMemory.Sample(at, Map.of(Growth.BYTES, (double) figures.bytes()));
        memory.remember(database.id(), new HealthMemory.Sample(at, Growth.figures(before, now)));
        before.flatMap(earlier -> Growth.pace(earlier, now))
                .ifPresent(pace -> examination.judge(
                        SqliteChecks.DATABASE_GROWTH,
                        SqliteChecks.DATABASE_GROWTH_SIZE,
                        "",
                        pace.multiple(),
                        pace.bytes(),
                        () -> "find out what writes to " + database.file() + ": task assess shows its tables by size"));
    }

    void log() {
        examination.judge(
                SqliteChecks.JOURNAL_MODE,
                "",
                figures.isWal() ? 1 : 0,
                () -> "set PRAGMA journal_mode = WAL on " + database.file()
                        + " in the application; Upkeep does not change it");
        String log = database.file() + "-wal";
        LockHolders readers = LockHolders.of(database.file()).others().who(LockHolders.Kind.READS);
        examination.judge(
                SqliteChecks.WAL_FILE_SIZE,
                log,
                (double) figures.walBytes(),
                () -> "checkpoint with mode truncate; " + whoReads(readers));
        if (figures.walBytes() >= LOG_WORTH_A_RATIO) {
            examination.judge(
                    SqliteChecks.WAL_RATIO,
                    log,
                    (double) figures.walBytes() / Math.max(1, figures.bytes()),
                    () -> "checkpoint with mode truncate; " + whoReads(readers));
        }
        examination.looked(SqliteChecks.CHECKPOINT_HELD_BACK);
        if (figures.walBytes() >= LOG_WORTH_A_CHECKPOINT && !(LockHolders.areShown() && readers.isEmpty())) {
            double heldBack =
                    (new File(log).lastModified() - database.file().toFile().lastModified()) / 1000.0;
            examination.measure(Measurement.gauge("checkpoint_held_back", "seconds", Math.max(0, heldBack)));
            examination.judge(
                    SqliteChecks.CHECKPOINT_HELD_BACK,
                    log,
                    heldBack,
                    () -> "end the long read transaction; " + whoReads(readers));
        }
    }

    private static String whoReads(LockHolders readers) {
        return readers.isEmpty() ? "no other process is seen reading the log now" : "now " + readers.inWords();
    }

    /** How often the write lock is held, seen from outside: nothing is locked for it. */
    void locks(Attempt attempt) {
        examination.looked(SqliteChecks.WRITE_LOCK);
        if (!LockHolders.areShown()) {
            return;
        }
        int held = 0;
        LockHolders last = LockHolders.nobody();
        for (int look = 0; look < LOOKS && attempt.stop().isEmpty(); look++) {
            LockHolders writers = LockHolders.of(database.file()).others().who(LockHolders.Kind.WRITES);
            if (!writers.isEmpty()) {
                held++;
                last = writers;
            } else if (held == 0 && look >= 2) {
                break;
            }
            attempt.yieldToApplication(Duration.ZERO, BETWEEN_LOOKS);
        }
        double share = (double) held / LOOKS;
        String holders = last.inWords();
        examination.measure(Measurement.gauge("write_lock_held", "ratio", share));
        examination.judge(
                SqliteChecks.WRITE_LOCK,
                "",
                share,
                () -> "make the application's write transactions on " + database.file() + " shorter; last seen: "
                        + holders);
    }

    void disk(HostDisks disks) {
        DiskExam disk = new DiskExam(disks, examination);
        disk.look("data", Objects.requireNonNull(database.file().getParent()));
        disk.own();
    }

    /** Reads all pages: damage, and rows without their parents. */
    void content() throws SQLException {
        List<String> faults = session.rows("PRAGMA quick_check(" + MOST_FAULTS + ")", row -> row.getString(1));
        boolean isOk = faults.size() == 1 && faults.get(0).equals("ok");
        examination.looked(SqliteChecks.QUICK_CHECK);
        if (!isOk) {
            damaged(faults.size() + (faults.size() == MOST_FAULTS ? " or more" : "") + " faults, first: "
                    + faults.get(0));
            return;
        }
        examination.looked(SqliteChecks.FOREIGN_KEYS);
        Map<String, Integer> orphans = new TreeMap<>();
        session.rows(
                "SELECT \"table\" || ' to ' || parent, count(*) FROM pragma_foreign_key_check GROUP BY 1",
                row -> orphans.put(row.getString(1), row.getInt(2)));
        orphans.forEach(
                (link, rows) -> examination.judge(
                        SqliteChecks.FOREIGN_KEYS,
                        link,
                        rows,
                        () ->
                                "see the rows with PRAGMA foreign_key_check, and turn PRAGMA foreign_keys on in the application"));
    }

    void damaged(String what) {
        examination.report(
                SqliteChecks.QUICK_CHECK,
                Severity.CRITICAL,
                "",
                what,
                "ok",
                "stop writing to " + database.file()
                        + ", keep a copy of it with -wal and -shm, and restore the last verified backup");
    }
}
