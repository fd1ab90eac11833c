package dev.upkeep.reporter.alert;

import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Map;

/** Shows how many alerts fire. */
@Singleton
final class AlertMetrics implements MetricSource {
    @Override
    public void show(Families families, Session session, Instant now) {
        families.gauge("upkeep_alerts_firing_all", "Alerts that fire, over all rules.", Map.of(), (double)
                session.number("SELECT count(*) FROM alert WHERE state = 'firing' AND ended IS NULL"));
        session.list(
                "SELECT rule, severity, count(*) FROM alert WHERE state = 'firing' AND ended IS NULL"
                        + " GROUP BY rule, severity ORDER BY rule, severity",
                row -> {
                    families.gauge(
                            "upkeep_alerts_firing",
                            "Alerts that fire, by rule and severity.",
                            Map.of("rule", row.text(1), "severity", row.text(2)),
                            row.figure(3));
                    return row.number(3);
                });
    }
}
