package dev.upkeep.reporter.fleet;

import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Map;

/** Shows which executors are heard of and which databases they can reach. */
@Singleton
final class FleetMetrics implements MetricSource {
    @Override
    public void show(Families families, Session session, Instant now) {
        session.list("SELECT executor, at, silent_after, stopping FROM executor ORDER BY executor", row -> {
            Map<String, String> labels = Map.of("executor", row.text(1));
            boolean up = !row.flag(4) && !row.time(3).isBefore(now);
            families.gauge("upkeep_executor_up", "Whether an executor is heard of.", labels, up ? 1 : 0);
            families.time(
                    "upkeep_executor_last_heartbeat_timestamp_seconds",
                    "When an executor last stated itself.",
                    labels,
                    row.time(2));
            return up;
        });
        session.list("SELECT db, executor, engine, problem FROM fleet WHERE gone = 0 ORDER BY db", row -> {
            Map<String, String> labels =
                    Map.of("database", row.text(1), "executor", row.text(2), "engine", row.text(3));
            boolean reachable = row.optionalText(4).isEmpty();
            families.gauge(
                    "upkeep_database_up",
                    "Whether a database's executor could reach it at its last look.",
                    labels,
                    reachable ? 1 : 0);
            return reachable;
        });
    }
}
