package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.DB;

/**
 * One connection to a SQLite file for the length of one task. A reason to stop breaks off the running statement, which SQLite
 * then rolls back. Writing refuses to go on when the file was removed or replaced since it was opened.
 *
 * <p>The file itself, {@code -wal} and {@code -shm} are never opened by other means than SQLite: closing any descriptor of
 * them in this process would drop the locks that other sessions of this process hold.
 *
 * <p>Used by one thread.
 */
public final class SqliteSession implements AutoCloseable {
    /** For how long a statement is tried again while others hold the lock, unless the task says otherwise. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int INTERRUPTED = 9;
    private static final int STEPS_BETWEEN_LOOKS = 20_000;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final SqliteDatabase database;
    private final Attempt attempt;
    private final Connection connection;
    private final Attempt.Interruption interruption;
    private final @Nullable Object identity;
    private volatile boolean isBrokenOff;

    private SqliteSession(SqliteDatabase database, Attempt attempt, Connection connection) throws SQLException {
        this.database = database;
        this.attempt = attempt;
        this.connection = connection;
        this.identity = identity(database.file());
        DB handle = connection.unwrap(SQLiteConnection.class).getDatabase();
        handle.register_progress_handler(STEPS_BETWEEN_LOOKS, new ProgressHandler() {
            @Override
            protected int progress() {
                return isBrokenOff ? 1 : 0;
            }
        });
        this.interruption = attempt.onStop(() -> breakOff(handle));
    }

    /** Opens the file for a task that only reads. */
    public static SqliteSession reading(SqliteDatabase database, Attempt attempt) throws SQLException {
        return reading(database, attempt, PATIENCE);
    }

    /** Opens the file for a task that only reads; others may hold its lock for as long as {@code patience}. */
    public static SqliteSession reading(SqliteDatabase database, Attempt attempt, Duration patience)
            throws SQLException {
        return of(database, attempt, database::connectReadOnly, patience);
    }

    /** Opens the file for a task that changes it. */
    public static SqliteSession writing(SqliteDatabase database, Attempt attempt) throws SQLException {
        return of(database, attempt, database::connect, PATIENCE);
    }

    private static SqliteSession of(SqliteDatabase database, Attempt attempt, Connecting connecting, Duration patience)
            throws SQLException {
        SqliteSession session;
        try {
            session = new SqliteSession(database, attempt, connecting.connect());
        } catch (SQLException e) {
            throw Trouble.explained(e, database);
        }
        try {
            session.patiently(patience, () -> session.number("SELECT count(*) FROM main.sqlite_schema"));
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private interface Connecting {
        Connection connect() throws SQLException;
    }

    private void breakOff(DB database) {
        isBrokenOff = true;
        try {
            database.interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException("a running statement cannot be interrupted", e);
        }
    }

    /** The connection, for what the methods here do not offer. */
    public Connection connection() {
        return connection;
    }

    /** The first column of the first row; 0 if there is none or it is null. */
    public long number(String sql) throws SQLException {
        return first(sql, row -> row.getLong(1)).orElse(0L);
    }

    /** The first column of the first row as text; empty if there is none or it is null. */
    public String text(String sql) throws SQLException {
        return first(sql, row -> Objects.requireNonNullElse(row.getString(1), ""))
                .orElse("");
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(String sql, Row<T> row, Object... parameters) throws SQLException {
        return rows(sql, row, parameters).stream().findFirst();
    }

    /** All rows. */
    public <T> List<T> rows(String sql, Row<T> row, Object... parameters) throws SQLException {
        List<T> all = new ArrayList<>();
        each(sql, result -> all.add(row.of(result)), parameters);
        return all;
    }

    /** Takes a row. */
    @FunctionalInterface
    public interface EachRow {
        void take(ResultSet row) throws SQLException;
    }

    /** Takes the rows one by one, however many there are. */
    public void each(String sql, EachRow row, Object... parameters) throws SQLException {
        goOn();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    row.take(rows);
                }
            }
        } catch (SQLException e) {
            throw Trouble.explained(e, database);
        }
    }

    /** Runs a statement to its end, once. */
    public void execute(String sql) throws SQLException {
        goOn();
        checkSameFile();
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw Trouble.explained(e, database);
        }
    }

    /** Changes rows in one transaction, while others hold the lock again and again for as long as {@code patience}; says how many. */
    public int update(String sql, Duration patience, Object... parameters) throws SQLException {
        return patiently(patience, () -> {
            goOn();
            checkSameFile();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                return statement.executeUpdate();
            } catch (SQLException e) {
                throw Trouble.explained(e, database);
            }
        });
    }

    /** Runs a statement, and while others hold the lock tries again with growing pauses for as long as {@code patience}. */
    public void execute(String sql, Duration patience) throws SQLException {
        patiently(patience, () -> {
            execute(sql);
            return true;
        });
    }

    /** Does it, and while others hold the lock tries again with growing pauses for as long as {@code patience}. */
    public <T> T patiently(Duration patience, Work<T> work) throws SQLException {
        long begin = System.nanoTime();
        Duration pause = Duration.ofMillis(20);
        while (true) {
            try {
                return work.run();
            } catch (SQLException e) {
                Duration spent = Duration.ofNanos(System.nanoTime() - begin);
                if (!isBusy(e)
                        || attempt.stop().isPresent()
                        || spent.plus(pause).compareTo(patience) > 0) {
                    throw e;
                }
            }
            pauseAbout(pause);
            pause = pause.multipliedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }
    }

    /**
     * Something that may find the lock held.
     *
     * @param <T> what it gives
     */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws SQLException;
    }

    private void pauseAbout(Duration pause) {
        long jittered = (long) (pause.toNanos() * ThreadLocalRandom.current().nextDouble(0.5, 1.0));
        attempt.giveWay(Duration.ZERO, Duration.ofNanos(jittered), "busy: others hold a lock on " + database.file());
    }

    private void goOn() throws SQLException {
        if (isBrokenOff || attempt.stop().isPresent()) {
            throw new SQLException("stopped before the next statement on " + database.file(), "", INTERRUPTED);
        }
    }

    /** Refuses to go on when the file is not the one that was opened. */
    public void checkSameFile() {
        if (!Files.exists(database.file())) {
            throw new Failure(
                    Code.NO_SUCH_DATABASE,
                    database.file() + " was removed while it was worked on; nothing more is done to it");
        }
        if (!Objects.equals(identity, identity(database.file()))) {
            throw new Failure(
                    Code.WRONG_DATABASE,
                    database.file() + " was replaced by another file while it was worked on; order the task again");
        }
    }

    private static @Nullable Object identity(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether others held the lock. */
    public boolean isBusy(SQLException e) {
        return database.codeOf(e) == Code.BUSY;
    }

    /** Why the task was broken off, if the error comes from that. */
    public Optional<Stop> stopOf(SQLException e) {
        return (e.getErrorCode() & 0xff) == INTERRUPTED ? attempt.stop() : Optional.empty();
    }

    /** What was done so far, when there is a reason to stop. */
    public static Done stopped(Done soFar, Stop stop) {
        return new Done(
                Outcome.PARTIAL, soFar.report(), Optional.of(stop.reason()), soFar.findings(), soFar.measurements());
    }

    /** Why a task is not done when others held the lock for too long; names them as far as the system shows them. */
    public Reason contention(String what) {
        return contention(database, what);
    }

    /** Why a task is not done when others held the lock for too long, before a session could be opened. */
    public static Reason contention(SqliteDatabase database, String what) {
        return new Reason(
                Code.BUSY,
                what + " did not get the lock on " + database.file() + ": "
                        + LockHolders.of(database.file()).inWords());
    }

    @Override
    public void close() throws SQLException {
        interruption.close();
        connection.close();
    }
}
