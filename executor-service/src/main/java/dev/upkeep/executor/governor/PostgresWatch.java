package dev.upkeep.executor.governor;

import dev.upkeep.executor.database.PostgresDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The load on one PostgreSQL database, seen from a session of its own. What the role may not see is left out; when the server
 * does not answer, there is no pressure: the operation itself will fail.
 */
final class PostgresWatch implements Watch {
    private static final Logger LOG = Logger.getLogger(PostgresWatch.class);
    private static final String LOCK_WAITERS = "SELECT count(*) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name NOT LIKE 'upkeep %'";
    /** The lag of a replica that has caught up stays as it was last measured, so only those that are behind count. */
    private static final String REPLICATION_LAG = "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE"
            + " (SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::bigint FROM pg_stat_replication"
            + " WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 0) END";

    private static final String ARCHIVER_BACKLOG = "SELECT CASE WHEN current_setting('archive_mode') = 'off' THEN 0"
            + " ELSE (SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready') END";

    private final PostgresDatabase database;
    private final PressureLimits limits;
    private @Nullable Connection connection;
    private boolean seesArchiver = true;
    private final Glance glance = new Glance(this::look);

    PostgresWatch(PostgresDatabase database, PressureLimits limits) {
        this.database = database;
        this.limits = limits;
    }

    @Override
    public Optional<String> pressure() {
        return glance.seen();
    }

    private Optional<String> look() {
        try {
            if (connection == null) {
                connection = database.connect("governor");
            }
            return pressure(connection);
        } catch (SQLException e) {
            LOG.debugf("the load on %s cannot be seen: %s", database.id(), e.getMessage());
            close();
            return Optional.empty();
        }
    }

    private Optional<String> pressure(Connection session) throws SQLException {
        long waiters = number(session, LOCK_WAITERS);
        if (waiters >= limits.lockWaiters()) {
            return Optional.of(waiters + " sessions wait for locks, " + limits.lockWaiters() + " or more are too many");
        }
        long lag = number(session, REPLICATION_LAG);
        if (lag > limits.replicationLag().toSeconds()) {
            return Optional.of("a replica is " + lag + " s behind, more than "
                    + limits.replicationLag().toSeconds() + " s");
        }
        long backlog = seesArchiver ? archiverBacklog(session) : 0;
        return backlog > limits.archiverBacklog()
                ? Optional.of(backlog + " WAL files wait to be archived, more than " + limits.archiverBacklog())
                : Optional.empty();
    }

    private long archiverBacklog(Connection session) throws SQLException {
        try {
            return number(session, ARCHIVER_BACKLOG);
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                seesArchiver = false;
                return 0;
            }
            throw e;
        }
    }

    private static long number(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            LOG.debugf("the governor's session could not be closed: %s", e.getMessage());
        }
        connection = null;
    }
}
