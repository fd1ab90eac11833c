package dev.upkeep.reporter.finding;

import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Map;

/** Shows how many findings are open, by check and severity; objects are left to the API. */
@Singleton
final class FindingMetrics implements MetricSource {
    @Override
    public void show(Families families, Session session, Instant now) {
        session.list(
                "SELECT db, check_name, severity, count(*) FROM finding WHERE ended IS NULL"
                        + " GROUP BY db, check_name, severity ORDER BY db, check_name, severity",
                row -> {
                    families.gauge(
                            "upkeep_open_findings",
                            "Findings that hold, by check and severity.",
                            Map.of("database", row.text(1), "check", row.text(2), "severity", row.text(3)),
                            row.figure(4));
                    return row.number(4);
                });
    }
}
