package dev.upkeep.executor.operation.sessions;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.EndedSession;
import dev.upkeep.common.task.Protect;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds client sessions of this database and ends them, except protected ones: server processes, replication, superusers, roles that
 * may replicate, backups and restores, Upkeep's own, and whom the order protects. Whoever is ended must still be the same session in
 * the same state: the server checks that in the statement that ends it.
 */
final class SessionScan {
    private static final List<String> TOOLS = List.of(
            "upkeep",
            "pg_dump",
            "pg_dumpall",
            "pg_restore",
            "pg_basebackup",
            "pg_receivewal",
            "pgbackrest",
            "barman",
            "wal-g");
    private static final String SQL = """
            SELECT a.pid, a.backend_start, a.state, a.state_change, a.query_start, coalesce(a.usename, '?') AS role,
              coalesce(a.application_name, '') AS application, a.backend_type <> 'client backend' AS other_kind,
              coalesce(r.rolsuper OR r.rolreplication, true) AS powerful,
              extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS in_state,
              extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS in_query
            FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state IS NOT NULL
            ORDER BY a.state_change
            """;

    private final PostgresSession session;
    private final Protect protect;

    SessionScan(PostgresSession session, Optional<Protect> protect) {
        this.session = session;
        this.protect = protect.orElse(Protect.none());
    }

    /**
     * One session.
     *
     * @param inState seconds since it came into its state; of an active one, since its statement began
     */
    record Seen(
            int pid,
            Timestamp start,
            String state,
            Timestamp stateChange,
            String role,
            String application,
            boolean protectedByKind,
            double inState) {
        EndedSession ended(String how) {
            return new EndedSession(pid, role, application, state, Math.round(inState * 10) / 10.0, how);
        }
    }

    /** All sessions of this database but our own, longest in their state first. */
    List<Seen> sessions() throws SQLException {
        return session.rows(SQL, SessionScan::read);
    }

    boolean isProtected(Seen one) {
        String application = one.application().toLowerCase(Locale.ROOT);
        return one.protectedByKind()
                || TOOLS.stream().anyMatch(application::startsWith)
                || protect.roles().contains(one.role())
                || protect.applications().stream()
                        .anyMatch(start -> one.application().startsWith(start));
    }

    /** Cancels its statement; false if it has ended or gone on to something else. */
    boolean cancel(Seen one) throws SQLException {
        return signal("pg_cancel_backend", one);
    }

    /** Ends it; false if it has ended or gone on to something else. */
    boolean terminate(Seen one) throws SQLException {
        return signal("pg_terminate_backend", one);
    }

    /** Whether it is still the same session in the same state. */
    boolean isStill(Seen one) throws SQLException {
        return signal("", one);
    }

    private boolean signal(String function, Seen one) throws SQLException {
        try {
            return session.first(
                            "SELECT " + (function.isEmpty() ? "true" : function + "(pid)") + " FROM pg_stat_activity"
                                    + " WHERE pid = ? AND backend_start = ? AND state = ? AND state_change = ?",
                            row -> row.getBoolean(1),
                            one.pid(),
                            one.start(),
                            one.state(),
                            one.stateChange())
                    .orElse(false);
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw new Failure(
                        Code.PERMISSION_DENIED,
                        "may not end session " + one.pid() + " of role " + one.role()
                                + "; grant pg_signal_backend to Upkeep's role",
                        e);
            }
            throw e;
        }
    }

    /** The share of the server's connections that is taken. */
    double connectionsUsed() throws SQLException {
        return session.first(
                        "SELECT count(*)::float8 / (current_setting('max_connections')::int"
                                + " - current_setting('superuser_reserved_connections')::int)"
                                + " FROM pg_stat_activity WHERE backend_type = 'client backend'",
                        row -> row.getDouble(1))
                .orElseThrow();
    }

    private static Seen read(ResultSet row) throws SQLException {
        boolean isActive = row.getString("state").equals("active");
        return new Seen(
                row.getInt("pid"),
                row.getTimestamp("backend_start"),
                row.getString("state"),
                row.getTimestamp("state_change"),
                row.getString("role"),
                row.getString("application"),
                row.getBoolean("other_kind") || row.getBoolean("powerful"),
                row.getDouble(isActive ? "in_query" : "in_state"));
    }

    /** At most so many of these. */
    static List<Seen> first(int most, List<Seen> all) {
        return new ArrayList<>(all.subList(0, Math.min(most, all.size())));
    }
}
