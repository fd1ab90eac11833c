package dev.upkeep.executor.operation.sessions;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.task.EndedSession;
import dev.upkeep.common.task.TerminateIdle;
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
import java.util.Optional;

/** Ends sessions of a PostgreSQL database that have been idle too long, longest first, within the protect list of {@link SessionScan}. */
@ApplicationScoped
public class PostgresTerminateIdle implements Operation<TerminateIdle, PostgresDatabase> {
    private static final int MOST = 50;

    @Override
    public Class<TerminateIdle> task() {
        return TerminateIdle.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<TerminateIdle> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        TerminateIdle task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            SessionScan scan = new SessionScan(session, task.protect());
            double before = scan.connectionsUsed();
            boolean isDue = task.onlyAbove().map(share -> before >= share).orElse(true);
            List<SessionScan.Seen> idle = isDue
                    ? scan.sessions().stream().filter(one -> isIdle(one, task)).toList()
                    : List.of();
            List<SessionScan.Seen> chosen =
                    idle.stream().filter(one -> !scan.isProtected(one)).toList();
            List<EndedSession> ended = new ArrayList<>();
            long count = 0;
            for (SessionScan.Seen one : SessionScan.first(task.most().orElse(MOST), chosen)) {
                if (attempt.stop().isPresent()) {
                    break;
                }
                boolean isEnded = !order.dryRun() && scan.terminate(one);
                count += isEnded ? 1 : 0;
                ended.add(one.ended(order.dryRun() ? "would be terminated" : isEnded ? "terminated" : "left"));
            }
            double after = order.dryRun() ? before : scan.connectionsUsed();
            TerminateIdle.Report report = new TerminateIdle.Report(ended, idle.size() - chosen.size(), before, after);
            List<Measurement> measurements = order.dryRun()
                    ? List.of()
                    : List.of(
                            Measurement.count("sessions_terminated", "sessions", count, Map.of()),
                            Measurement.gauge("connections_used", "ratio", after));
            return ended.isEmpty()
                    ? Done.nothing(report, List.of(), measurements)
                    : Done.succeeded(report, List.of(), measurements);
        }
    }

    private static boolean isIdle(SessionScan.Seen one, TerminateIdle task) {
        Optional<Duration> limit = switch (one.state()) {
            case "idle" -> task.idle();
            case "idle in transaction", "idle in transaction (aborted)" -> task.idleInTransaction();
            default -> Optional.empty();
        };
        return limit.isPresent() && one.inState() * 1000 > limit.get().toMillis();
    }
}
