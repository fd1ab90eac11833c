package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;

/**
 * The process that {@link CopyProcess} starts: copies one snapshot of a SQLite file page by page. After each step it says how many pages
 * are left and how many there are, and waits for a byte before it goes on. Needs no class but its own and the driver's.
 */
final class CopyMain {
    static final String DONE = "done";
    static final String ERROR = "error ";
    private static final int BUSY_PAUSE_MILLIS = 20;
    private static final int BUSY_TRIES = 500;

    private CopyMain() {}

    /** @param arguments source, target, {@code ro} or {@code rw} for how the source is opened, pages in a step */
    @SuppressWarnings("SystemOut") // it speaks with the process that started it by its output
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try {
            copy(arguments, out);
            out.println(DONE);
        } catch (SQLException e) {
            out.println(ERROR + e.getErrorCode() + " "
                    + String.valueOf(e.getMessage()).replace('\n', ' '));
        }
        out.flush();
    }

    private static void copy(String[] arguments, PrintStream out) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        if (arguments[2].equals("ro")) {
            config.resetOpenMode(SQLiteOpenMode.READWRITE);
            config.setOpenMode(SQLiteOpenMode.READONLY);
        }
        config.setBusyTimeout(BUSY_PAUSE_MILLIS * BUSY_TRIES);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + arguments[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
            statement.execute("BEGIN");
            // the snapshot is the one of the first look
            statement.executeQuery("SELECT count(*) FROM sqlite_schema").close();
            int result = connection
                    .unwrap(SQLiteConnection.class)
                    .getDatabase()
                    .backup(
                            "main",
                            arguments[1],
                            (remaining, all) -> step(remaining, all, out),
                            BUSY_PAUSE_MILLIS,
                            BUSY_TRIES,
                            Integer.parseInt(arguments[3]));
            statement.execute("ROLLBACK");
            if (result != 0) {
                throw new SQLException("the online backup ended with result " + result, "", result);
            }
        }
    }

    private static void step(int remaining, int all, PrintStream out) {
        out.println(remaining + " " + all);
        out.flush();
        try {
            if (System.in.read() < 0) {
                Runtime.getRuntime().halt(1);
            }
        } catch (IOException nobodyIsThere) {
            Runtime.getRuntime().halt(1);
        }
    }
}
