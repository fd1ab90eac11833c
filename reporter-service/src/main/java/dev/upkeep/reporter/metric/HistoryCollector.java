package dev.upkeep.reporter.metric;

import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.HistoryFailure;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.Collector;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Shows the history to Prometheus, freshly read at each scrape. While the history cannot be read it shows that, and the other
 * metrics of the process stay. Thread-safe.
 */
@Singleton
public final class HistoryCollector extends Collector {
    private final History history;
    private final Clock clock;
    private final List<MetricSource> sources;

    @Inject
    HistoryCollector(History history, Clock clock, Instance<MetricSource> sources) {
        this(history, clock, sources.stream().toList());
    }

    HistoryCollector(History history, Clock clock, List<MetricSource> sources) {
        this.history = history;
        this.clock = clock;
        this.sources = sources;
    }

    @SuppressWarnings(
            "deprecation") // the registry that Quarkus 3.27 shows; its own CollectorRegistry bean is another one
    void register(@Observes StartupEvent started, PrometheusMeterRegistry registry) {
        registry.getPrometheusRegistry().register(this);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        try {
            Families families = history.read(session -> {
                Families gathered = new Families();
                sources.forEach(source -> source.show(gathered, session, clock.instant()));
                return gathered;
            });
            up(families, 1);
            families.gauge(
                    "upkeep_reporter_hidden_samples",
                    "Samples not shown because another metric has their name.",
                    Map.of(),
                    families.hidden());
            return families.all();
        } catch (HistoryFailure e) {
            Families families = new Families();
            up(families, 0);
            return families.all();
        }
    }

    private static void up(Families families, int up) {
        families.gauge("upkeep_reporter_history_up", "Whether the history could be read.", Map.of(), up);
    }

    @Override
    public List<MetricFamilySamples> collect(io.prometheus.client.Predicate<String> wanted) {
        return collect();
    }
}
