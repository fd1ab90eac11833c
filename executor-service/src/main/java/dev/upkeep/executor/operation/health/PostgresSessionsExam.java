package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Sessions: how many there are, who idles in a transaction, whose statement runs long, who waits for whose lock, and whose
 * snapshot keeps dead rows. Connections count for the server, all else for this database. Upkeep's own sessions are no
 * findings. Statements' texts are not read, as they may hold people's data.
 */
final class PostgresSessionsExam implements PostgresExam {
    private static final String OURS = "upkeep ";
    private static final int NAMED = 5;
    private static final String SQL = """
            SELECT a.pid, coalesce(a.usename, '?') AS usename, coalesce(a.application_name, '') AS application,
              a.datname IS NOT DISTINCT FROM current_database() AS here, coalesce(a.state, 'hidden') AS state, a.backend_type,
              extract(epoch FROM clock_timestamp() - a.xact_start) AS in_transaction,
              extract(epoch FROM clock_timestamp() - a.query_start) AS in_query,
              extract(epoch FROM clock_timestamp() - a.state_change) AS in_state,
              a.backend_xmin IS NOT NULL AS has_snapshot, age(a.backend_xmin) AS snapshot_age,
              CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) END AS blockers,
              CASE WHEN a.wait_event_type = 'Lock' THEN extract(epoch FROM clock_timestamp() - %s) END AS in_wait,
              current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                - coalesce(current_setting('reserved_connections', true), '0')::int AS usable
            FROM pg_stat_activity a
            WHERE a.pid <> pg_backend_pid() AND a.backend_type IN ('client backend', 'walsender')
            """;
    private static final String WAIT_SINCE =
            "coalesce((SELECT min(l.waitstart) FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted), a.query_start)";

    @Override
    public String subject() {
        return "sessions";
    }

    private record Session(
            int pid,
            String user,
            String application,
            boolean here,
            String state,
            boolean client,
            double inTransaction,
            double inQuery,
            double inState,
            boolean snapshot,
            long snapshotAge,
            List<Integer> blockers,
            double inWait,
            int usable) {
        boolean ours() {
            return application.startsWith(OURS);
        }

        boolean idleInTransaction() {
            return state.startsWith("idle in transaction");
        }

        String who() {
            return "pid " + pid + " (" + user + (application.isEmpty() ? "" : ", " + application) + ")";
        }
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        String sql = SQL.formatted(server.isAtLeast(14) ? WAIT_SINCE : "a.query_start");
        List<Session> all = session.rows(sql, PostgresSessionsExam::read);
        session.release();
        List<Session> clients = all.stream().filter(Session::client).toList();
        connections(clients, examination);
        Map<Integer, Session> byPid =
                all.stream().collect(Collectors.toMap(Session::pid, Function.identity(), (a, b) -> a));
        List.of(IDLE_IN_TRANSACTION, LONG_QUERY, LOCK_WAIT, XMIN_HORIZON).forEach(examination::looked);
        for (Session one : clients) {
            if (one.here() && !one.ours()) {
                times(one, byPid, examination);
            }
        }
        all.stream()
                .filter(one -> one.snapshot() && (one.here() || !one.client()) && !one.ours())
                .forEach(one -> horizon(one, examination));
    }

    private static void connections(List<Session> clients, Examination examination) {
        int used = clients.size() + 1;
        int usable = clients.stream().map(Session::usable).findFirst().orElse(used * 100);
        Map<String, Long> byState = counts(clients, Session::state);
        byState.forEach((state, count) ->
                examination.measure(Measurement.gauge("connections", "count", count, Map.of("state", state))));
        examination.measure(Measurement.gauge("connections_used", "ratio", (double) used / usable));
        examination.fact("connections", used + " of " + usable);
        examination.fact("connections by user", top(counts(clients, Session::user)));
        examination.fact("connections by application", top(counts(clients, Session::application)));
        examination.judge(
                CONNECTIONS,
                "",
                (double) used / usable,
                () -> "By state: " + top(byState) + "; by user: " + top(counts(clients, Session::user))
                        + "; by application: " + top(counts(clients, Session::application))
                        + ". Use a connection pool, end idle sessions with task terminate-idle, or raise max_connections.");
    }

    private static void times(Session one, Map<Integer, Session> byPid, Examination examination) {
        if (one.idleInTransaction()) {
            examination.judge(
                    IDLE_IN_TRANSACTION,
                    one.who(),
                    one.inState(),
                    () ->
                            "The application left a transaction open, which holds its locks and keeps dead rows. Commit it"
                                    + " there, end it with task terminate-idle, or set idle_in_transaction_session_timeout.");
        }
        if (one.state().equals("active")) {
            examination.judge(
                    LONG_QUERY,
                    one.who(),
                    one.inQuery(),
                    () -> "Look at it with SELECT query FROM pg_stat_activity WHERE pid = " + one.pid()
                            + "; cancel it with task cancel-queries or SELECT pg_cancel_backend(" + one.pid() + ").");
        }
        if (!one.blockers().isEmpty()) {
            examination.judge(
                    LOCK_WAIT,
                    one.who(),
                    one.inWait(),
                    () -> "It waits for a lock of "
                            + one.blockers().stream()
                                    .map(pid -> blocker(pid, byPid))
                                    .collect(Collectors.joining(" and "))
                            + ". If that one will not end by itself: SELECT pg_terminate_backend("
                            + one.blockers().get(0) + ").");
        }
    }

    private static String blocker(int pid, Map<Integer, Session> byPid) {
        Session blocker = byPid.get(pid);
        return blocker == null
                ? "pid " + pid + (pid == 0 ? " (a prepared transaction)" : "")
                : blocker.who() + ", " + blocker.state() + " for " + Unit.SECONDS.say(blocker.inState());
    }

    private static void horizon(Session one, Examination examination) {
        examination.judge(
                XMIN_HORIZON,
                one.who(),
                one.inTransaction(),
                () -> "Its snapshot, " + one.snapshotAge()
                        + " transactions old, keeps vacuum from removing newer dead rows."
                        + " End it: SELECT pg_terminate_backend(" + one.pid() + ").");
    }

    private static Map<String, Long> counts(List<Session> clients, Function<Session, String> of) {
        return clients.stream().collect(Collectors.groupingBy(of, Collectors.counting()));
    }

    private static String top(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(NAMED)
                .map(entry -> (entry.getKey().isEmpty() ? "(none)" : entry.getKey()) + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private static Session read(ResultSet row) throws SQLException {
        List<Integer> blockers = new ArrayList<>();
        Array array = row.getArray("blockers");
        if (array != null) {
            for (Object pid : (Object[]) array.getArray()) {
                blockers.add((Integer) pid);
            }
        }
        return new Session(
                row.getInt("pid"),
                row.getString("usename"),
                row.getString("application"),
                row.getBoolean("here"),
                row.getString("state"),
                row.getString("backend_type").equals("client backend"),
                row.getDouble("in_transaction"),
                row.getDouble("in_query"),
                row.getDouble("in_state"),
                row.getBoolean("has_snapshot"),
                row.getLong("snapshot_age"),
                List.copyOf(blockers),
                row.getDouble("in_wait"),
                row.getInt("usable"));
    }
}
