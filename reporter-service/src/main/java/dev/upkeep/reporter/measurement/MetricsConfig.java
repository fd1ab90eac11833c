package dev.upkeep.reporter.measurement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds of the metrics made from measurements. */
@ConfigMapping(prefix = "upkeep.metrics")
public interface MetricsConfig {
    /** The most series in all; a measurement that would need another is dropped and counted. */
    @WithDefault("100000")
    int mostSeries();

    /** The most series of one name on one database; what labels beyond that bring is dropped and counted. */
    @WithDefault("200")
    int mostSeriesPerName();

    /** A level that was not measured for this long is no longer shown. */
    @WithDefault("35d")
    Duration forgetAfter();
}
