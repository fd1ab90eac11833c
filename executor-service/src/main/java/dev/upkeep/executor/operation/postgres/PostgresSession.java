package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;

/**
 * One session of an operation, named after its command. Whatever it runs is cancelled when the attempt gets a reason to stop;
 * the statement then fails with {@link Code#STATEMENT_TIMEOUT}'s SQLSTATE 57014, and {@link Attempt#stop} says why. Each
 * statement is a transaction of its own unless it is read in rows. Used by one thread.
 */
@SuppressWarnings("try") // an interruption only has to be open while the statement runs
public final class PostgresSession implements AutoCloseable {
    private static final int FETCH = 2_000;
    private static final Duration LONGEST = Duration.ofDays(7);

    private final Connection connection;
    private final Attempt attempt;
    private boolean isFinishing;

    /** Turns a row into a value. */
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Takes a row. */
    public interface EachRow {
        void take(ResultSet row) throws SQLException;
    }

    private PostgresSession(Connection connection, Attempt attempt) {
        this.connection = connection;
        this.attempt = attempt;
    }

    /** A session that can change things; its limits are the database's. */
    public static PostgresSession open(PostgresDatabase database, CommandId command, Attempt attempt)
            throws SQLException {
        return new PostgresSession(database.connect(command.text()), attempt);
    }

    /** A session that cannot change anything, and gives up on locks after one second. */
    public static PostgresSession readOnly(
            PostgresDatabase database, CommandId command, Attempt attempt, Duration statementTimeout)
            throws SQLException {
        Connection connection = database.connect(command.text());
        boolean ready = false;
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET default_transaction_read_only = on; SET lock_timeout = '1s';"
                        + " SET statement_timeout = " + statementTimeout.toMillis());
            }
            connection.setAutoCommit(false);
            ready = true;
            return new PostgresSession(connection, attempt);
        } finally {
            if (!ready) {
                connection.close();
            }
        }
    }

    /**
     * A session for a look over the catalogue and the statistics: it cannot change anything and gives up on locks after one second, each
     * statement is a transaction of its own, and no plan is compiled, which costs more than such statements take. Results are read whole:
     * not for many rows.
     */
    public static PostgresSession catalogue(
            PostgresDatabase database, CommandId command, Attempt attempt, Duration statementTimeout)
            throws SQLException {
        return new PostgresSession(
                database.connect(
                        command.text(),
                        " -c default_transaction_read_only=on -c lock_timeout=1s -c jit=off -c statement_timeout="
                                + statementTimeout.toMillis()),
                attempt);
    }

    /** The server's version as PostgreSQL numbers it: 150018 for 15.18. */
    public int version() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() * 10_000
                + connection.getMetaData().getDatabaseMinorVersion();
    }

    /** Whether the server is a standby, which can only be read. */
    public boolean isStandby() throws SQLException {
        return first("SELECT pg_is_in_recovery()", row -> row.getBoolean(1)).orElseThrow();
    }

    /** Why a task that changes things is refused on a standby. */
    public static Reason standby() {
        return new Reason(Code.READ_ONLY, "the server is a standby and can only be read; run this task on its primary");
    }

    /** All rows. */
    public <T> List<T> rows(String sql, Row<T> row, Object... parameters) throws SQLException {
        List<T> all = new ArrayList<>();
        each(sql, result -> all.add(row.read(result)), parameters);
        return all;
    }

    /** The first row. */
    public <T> Optional<T> first(String sql, Row<T> row, Object... parameters) throws SQLException {
        List<T> all = rows(sql, row, parameters);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /** Takes the rows one by one, however many there are. */
    public void each(String sql, EachRow row, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                Attempt.Interruption ignored = breakable()) {
            statement.setFetchSize(FETCH);
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    row.take(result);
                }
            }
        }
    }

    /**
     * Runs a statement that may take long, until the attempt's end; its lock timeout is the session's.
     *
     * @return SQLSTATEs and messages of what the server warned of
     */
    public List<Notice> run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                Attempt.Interruption ignored = breakable()) {
            statement.execute("SET statement_timeout = " + millisLeft());
            statement.clearWarnings();
            statement.execute(sql);
            List<Notice> notices = new ArrayList<>();
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                notices.add(new Notice(String.valueOf(w.getSQLState()), String.valueOf(w.getMessage())));
            }
            return notices;
        }
    }

    /** Lets statements take until the attempt's end, for reads that may be long. */
    public void takeTime() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = " + millisLeft());
        }
        release();
    }

    /** Something that the server warned of. */
    public record Notice(String state, String message) {
        /** A table left alone because its lock is held. */
        public boolean isLocked() {
            return state.equals("55P03");
        }

        /** A table left alone, for whatever reason. */
        public boolean isSkipped() {
            return isLocked() || state.equals("42501") || message.contains("skipping");
        }
    }

    private long millisLeft() {
        Duration left = Duration.between(Instant.now(), attempt.finishBy());
        return Math.max(
                1, Math.min(Integer.MAX_VALUE, left.compareTo(LONGEST) > 0 ? LONGEST.toMillis() : left.toMillis()));
    }

    /** From here on nothing is broken off: for the last figures of a report, which are read with a statement timeout of their own. */
    public void finish() throws SQLException {
        isFinishing = true;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '5s'");
        }
    }

    private Attempt.Interruption breakable() {
        return isFinishing ? () -> {} : attempt.onStop(this::cancel);
    }

    /** Runs a statement without a result and returns the number of rows that it changed. */
    public int update(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                Attempt.Interruption ignored = breakable()) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    /** Ends what was read so far, so that no snapshot is held between parts. */
    public void release() throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
    }

    /** The JDBC connection, for what this class does not offer. */
    public Connection connection() {
        return connection;
    }

    private void cancel() {
        try {
            connection.unwrap(PgConnection.class).cancelQuery();
        } catch (SQLException e) {
            // the session is gone or the statement over: then there is nothing left to break off
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Whether this error is the end of a statement that was broken off, or ran out of its time. */
    public static boolean isBrokenOff(SQLException error) {
        return "57014".equals(error.getSQLState());
    }
}
