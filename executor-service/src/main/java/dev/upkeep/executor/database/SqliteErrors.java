package dev.upkeep.executor.database;

import dev.upkeep.common.result.Code;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The one place that turns SQLite's result codes into codes. Source: https://sqlite.org/rescode.html, primary codes. */
final class SqliteErrors {
    private SqliteErrors() {}

    static Code codeOf(SQLException error) {
        if (isShmWithoutRoom(error)) {
            return Code.DISK_FULL;
        }
        return switch (error.getErrorCode() & 0xff) {
            case 3, 23 -> Code.PERMISSION_DENIED;
            case 5, 6 -> Code.BUSY;
            case 7 -> Code.OUT_OF_MEMORY;
            case 8 -> Code.READ_ONLY;
            case 9 -> Code.STATEMENT_TIMEOUT;
            case 10 -> Code.STORE_UNAVAILABLE;
            case 11 -> Code.CORRUPT;
            case 13 -> Code.DISK_FULL;
            case 14 -> Code.NO_SUCH_DATABASE;
            case 19 -> Code.CONSTRAINT;
            case 26 -> Code.NOT_A_DATABASE;
            default -> Code.INTERNAL;
        };
    }

    /** SQLite says "I/O error" when the {@code -shm} file cannot grow, for which the usual reason is a full disk. */
    private static boolean isShmWithoutRoom(SQLException error) {
        Throwable own = error.getCause() instanceof SQLiteException ? error.getCause() : error;
        return own instanceof SQLiteException sqlite && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE;
    }
}
