package dev.upkeep.reporter.metric;

import dev.upkeep.reporter.history.Session;
import java.time.Instant;

/** What one feature shows to Prometheus. */
public interface MetricSource {
    /** Adds its families as they are now. */
    void show(Families families, Session session, Instant now);
}
