package dev.upkeep.executor.fence;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Failure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** An advisory lock on a session of its own, which names its executor in {@code pg_stat_activity}. */
final class PostgresFence implements Fence {
    private static final Logger LOG = Logger.getLogger(PostgresFence.class);
    private static final int CLASS = 0x55504b; // "UPK"
    private static final int OBJECT = 1;
    private static final String PURPOSE = "fence of ";
    private static final Duration LEFTOVER = Duration.ofSeconds(10);

    private final Connection connection;
    private final Optional<Reason> refusal;

    private PostgresFence(Connection connection, Optional<Reason> refusal) {
        this.connection = connection;
        this.refusal = refusal;
    }

    static PostgresFence hold(PostgresDatabase database, ExecutorId executor) throws SQLException {
        Connection connection = database.connect(PURPOSE + executor);
        try {
            long patience = System.nanoTime() + LEFTOVER.toNanos();
            while (!tryLock(connection)) {
                String holder = holder(connection);
                boolean isLeftover = holder.startsWith("upkeep " + PURPOSE + executor);
                if (!isLeftover || System.nanoTime() > patience) {
                    throw new Failure(
                            Code.OTHER_EXECUTOR,
                            "database " + database.id() + " is held by another executor: " + holder
                                    + "; only one executor may claim a database");
                }
                // our own session from before a crash: the server ends it as soon as it notices
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
            return new PostgresFence(connection, standby(connection, database));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static Optional<Reason> standby(Connection connection, PostgresDatabase database) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
            return row.next() && row.getBoolean(1)
                    ? Optional.of(new Reason(
                            Code.WRONG_DATABASE,
                            "database " + database + " is on a standby, where nothing can be changed;"
                                    + " order it from the executor of the primary"))
                    : Optional.empty();
        }
    }

    private static boolean tryLock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + CLASS + ", " + OBJECT + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static String holder(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT coalesce(nullif(a.application_name, ''), 'a session without a name'),"
                                + " l.pid, coalesce(host(a.client_addr), 'this host')"
                                + " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
                                + " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " + CLASS
                                + " AND l.objid = " + OBJECT
                                + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())")) {
            return row.next()
                    ? row.getString(1) + " (process " + row.getInt(2) + ", from " + row.getString(3) + ")"
                    : "a session that has just ended";
        }
    }

    @Override
    public Optional<Reason> refusal() {
        return refusal;
    }

    @Override
    public boolean isHeld() {
        try {
            return connection.isValid(5);
        } catch (SQLException e) {
            throw new IllegalStateException("five seconds are not negative", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debugf("the session of a fence could not be closed: %s", e.getMessage());
        }
    }
}
