package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.database.SqliteDatabase;
import java.io.File;
import java.sql.SQLException;
import java.util.List;

/**
 * How a file is filled, from its header: costs a page, whatever the size.
 *
 * @param freePages pages on the freelist
 * @param autoVacuum 0 none, 1 full, 2 incremental
 * @param walBytes size of the {@code -wal} file; 0 if there is none
 */
public record SqliteFigures(
        long pageSize, long pages, long freePages, int autoVacuum, String journalMode, long walBytes) {
    /** The value of {@code auto_vacuum} by which pages are given back in portions. */
    public static final int INCREMENTAL = 2;

    /** Looks now. */
    public static SqliteFigures of(SqliteSession session, SqliteDatabase database) throws SQLException {
        return new SqliteFigures(
                session.number("PRAGMA page_size"),
                session.number("PRAGMA page_count"),
                session.number("PRAGMA freelist_count"),
                (int) session.number("PRAGMA auto_vacuum"),
                session.text("PRAGMA journal_mode"),
                walBytes(database));
    }

    /** The size of the {@code -wal} file; 0 if there is none. */
    public static long walBytes(SqliteDatabase database) {
        return new File(database.file() + "-wal").length();
    }

    /** Size of the database in bytes, used and free pages. */
    public long bytes() {
        return pages * pageSize;
    }

    /** What a VACUUM would give back. */
    public long freeBytes() {
        return freePages * pageSize;
    }

    /** Share of the pages that is free. */
    public double freeShare() {
        return pages == 0 ? 0 : (double) freePages / pages;
    }

    /** Whether the file has a write-ahead log. */
    public boolean isWal() {
        return journalMode.equals("wal");
    }

    /** How many pages the {@code -wal} file has room for: a header of 32 bytes, and 24 before each page. */
    public long walPages() {
        return Math.max(0, walBytes - 32) / (pageSize + 24);
    }

    /** The sizes as measurements. */
    public List<Measurement> measurements() {
        return List.of(
                Measurement.gauge("database_size", "bytes", (double) bytes()),
                Measurement.gauge("freelist_size", "bytes", (double) freeBytes()),
                Measurement.gauge("wal_size", "bytes", (double) walBytes));
    }
}
