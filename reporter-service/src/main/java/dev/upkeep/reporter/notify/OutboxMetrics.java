package dev.upkeep.reporter.notify;

import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Shows what each way out still has to tell, and for how long it has been unable to. */
@Singleton
final class OutboxMetrics implements MetricSource {
    private final Outbox outbox;

    @Inject
    OutboxMetrics(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public void show(Families families, Session session, Instant now) {
        for (WayOut way : outbox.ways()) {
            Map<String, String> labels = Map.of("way", way.name());
            families.gauge(
                    "upkeep_reporter_notices_waiting", "Alerts that a way out has still to tell.", labels, (double)
                            session.number("SELECT count(*) FROM outbox WHERE way = ?", way.name()));
            double age = session.first(
                            "SELECT created FROM outbox WHERE way = ? ORDER BY id LIMIT 1",
                            row -> Duration.between(row.time(1), now).toMillis() / 1000.0,
                            way.name())
                    .orElse(0.0);
            families.gauge(
                    "upkeep_reporter_oldest_notice_seconds", "How long the oldest of them has waited.", labels, age);
        }
    }
}
