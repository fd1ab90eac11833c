package dev.upkeep.reporter.measurement;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Shows each series' newest level or sum. Labels of ours win over labels of the same name in the measurement. */
@Singleton
final class SeriesMetrics implements MetricSource {
    private final Duration forgetAfter;

    @Inject
    SeriesMetrics(MetricsConfig config) {
        this(config.forgetAfter());
    }

    SeriesMetrics(Duration forgetAfter) {
        this.forgetAfter = forgetAfter;
    }

    @Override
    public void show(Families families, Session session, Instant now) {
        session.list(
                "SELECT s.name, s.unit, s.kind, s.db, s.labels, s.executor, s.value, f.engine FROM series s"
                        + " LEFT JOIN fleet f ON f.db = s.db WHERE s.kind = 'count' OR s.at >= ?"
                        + " ORDER BY s.name, s.unit, s.kind, s.id",
                row -> {
                    Map<String, String> labels = Json.labels(row.text(5));
                    labels.put("database", row.text(4));
                    labels.put("executor", row.text(6));
                    labels.put("engine", row.optionalText(8).orElse("unknown"));
                    Measurement.Kind kind = row.constant(3, Measurement.Kind.class);
                    String name = MetricNames.of(row.text(1), row.text(2), kind);
                    String help = "Measured by tasks: " + row.text(1).replace('_', ' ') + " in " + row.text(2) + ".";
                    if (kind == Measurement.Kind.COUNT) {
                        families.counter(name, help, labels, row.figure(7));
                    } else {
                        families.gauge(name, help, labels, row.figure(7));
                    }
                    return name;
                },
                now.minus(forgetAfter));
    }
}
