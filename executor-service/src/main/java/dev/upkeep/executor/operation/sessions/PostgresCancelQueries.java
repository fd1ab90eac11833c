package dev.upkeep.executor.operation.sessions;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.CancelQueries;
import dev.upkeep.common.task.EndedSession;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Cancels statements of a PostgreSQL database that run too long, longest first, and waits for them to end; only if told to, it ends the
 * sessions of those that go on. Within the protect list of {@link SessionScan}.
 */
@ApplicationScoped
public class PostgresCancelQueries implements Operation<CancelQueries, PostgresDatabase> {
    private static final int MOST = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(100);

    @Override
    public Class<CancelQueries> task() {
        return CancelQueries.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<CancelQueries> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        CancelQueries task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            SessionScan scan = new SessionScan(session, task.protect());
            List<SessionScan.Seen> slow = scan.sessions().stream()
                    .filter(one -> one.state().equals("active")
                            && one.inState() * 1000 > task.activeFor().toMillis())
                    .sorted((a, b) -> Double.compare(b.inState(), a.inState()))
                    .toList();
            List<SessionScan.Seen> chosen =
                    slow.stream().filter(one -> !scan.isProtected(one)).toList();
            List<SessionScan.Seen> first = SessionScan.first(task.most().orElse(MOST), chosen);
            List<EndedSession> ended = new ArrayList<>();
            List<Finding> findings = new ArrayList<>();
            if (order.dryRun()) {
                first.forEach(one -> ended.add(one.ended("would be cancelled")));
            } else {
                end(scan, first, task, attempt, ended, findings);
            }
            CancelQueries.Report report = new CancelQueries.Report(ended, slow.size() - chosen.size());
            List<Measurement> measurements = order.dryRun()
                    ? List.of()
                    : List.of(
                            count("queries_cancelled", "queries", ended, "cancelled"),
                            count("sessions_terminated", "sessions", ended, "terminated"));
            return ended.isEmpty()
                    ? Done.nothing(report, findings, measurements)
                    : Done.succeeded(report, findings, measurements);
        }
    }

    private static Measurement count(String name, String unit, List<EndedSession> ended, String how) {
        long count = ended.stream().filter(one -> one.how().equals(how)).count();
        return Measurement.count(name, unit, count, Map.of());
    }

    private static void end(
            SessionScan scan,
            List<SessionScan.Seen> chosen,
            CancelQueries task,
            Attempt attempt,
            List<EndedSession> ended,
            List<Finding> findings)
            throws SQLException {
        List<SessionScan.Seen> cancelled = new ArrayList<>();
        for (SessionScan.Seen one : chosen) {
            if (scan.cancel(one)) {
                cancelled.add(one);
            } else {
                ended.add(one.ended("left"));
            }
        }
        List<SessionScan.Seen> going =
                waitFor(scan, cancelled, task.terminateAfter().orElse(PATIENCE), attempt);
        for (SessionScan.Seen one : cancelled) {
            if (!going.contains(one)) {
                ended.add(one.ended("cancelled"));
            } else if (task.terminateAfter().isPresent() && attempt.stop().isEmpty()) {
                ended.add(one.ended(scan.terminate(one) ? "terminated" : "cancelled"));
            } else {
                ended.add(one.ended("still running"));
                findings.add(new Finding(
                        "query-goes-on",
                        Severity.WARNING,
                        "pid " + one.pid() + " (" + one.role() + ", " + one.application() + ")",
                        "still running",
                        "ended after its cancellation",
                        "built-in",
                        "Give it time, or end its session: SELECT pg_terminate_backend(" + one.pid() + ")."));
            }
        }
    }

    private static List<SessionScan.Seen> waitFor(
            SessionScan scan, List<SessionScan.Seen> cancelled, Duration most, Attempt attempt) throws SQLException {
        List<SessionScan.Seen> going = new ArrayList<>(cancelled);
        long end = System.nanoTime() + most.toNanos();
        while (true) {
            List<SessionScan.Seen> still = new ArrayList<>();
            for (SessionScan.Seen one : going) {
                if (scan.isStill(one)) {
                    still.add(one);
                }
            }
            going = still;
            if (going.isEmpty() || System.nanoTime() > end || attempt.stop().isPresent()) {
                return going;
            }
            attempt.yieldToApplication(Duration.ZERO, LOOK);
        }
    }
}
