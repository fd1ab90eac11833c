package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.SqliteDatabase;
import java.sql.SQLException;
import java.util.Optional;

/** What to do about a SQLite file that cannot be worked on. SQLite's own sentences name neither the file nor a next step. */
public final class Trouble {
    private Trouble() {}

    /** The next step. */
    public static String advice(Code code, SqliteDatabase database) {
        return known(code, database).orElse("see why " + database.file() + " cannot be read: " + code);
    }

    /** The same error with the file and the next step in its message, where they are known. */
    static SQLException explained(SQLException error, SqliteDatabase database) {
        if (error.getCause() instanceof SQLException) {
            return error; // explained before
        }
        return known(database.codeOf(error), database)
                .map(advice -> new SQLException(
                        error.getMessage() + ": " + advice, error.getSQLState(), error.getErrorCode(), error))
                .orElse(error);
    }

    private static Optional<String> known(Code code, SqliteDatabase database) {
        return Optional.ofNullable(
                switch (code) {
                    case NO_SUCH_DATABASE ->
                        "bring " + database.file() + " back, or take it out of the executor's configuration";
                    case NOT_A_DATABASE ->
                        "see what " + database.file()
                                + " is: it was overwritten, or it is encrypted, which Upkeep cannot read";
                    case PERMISSION_DENIED, READ_ONLY ->
                        "let the executor's user read and write " + database.file()
                                + " and its folder, on a disk that is not read-only; in WAL mode reading needs it, too";
                    case CORRUPT ->
                        "stop writing to " + database.file() + ", keep a copy, and restore the last verified backup";
                    case DISK_FULL -> "make room on the disk of " + database.file() + ", and order the task again";
                    case STORE_UNAVAILABLE -> "look in the system's log for errors of the disk of " + database.file();
                    default -> null;
                });
    }
}
