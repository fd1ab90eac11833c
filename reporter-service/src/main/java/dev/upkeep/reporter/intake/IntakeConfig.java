package dev.upkeep.reporter.intake;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How topics are read. */
@ConfigMapping(prefix = "upkeep.intake")
public interface IntakeConfig {
    /** The consumer group; replicas that share a PostgreSQL history share it. The topic prefix goes before it. */
    @WithDefault("reporter")
    String group();

    /** The most records that are read at a time; twice as many are in memory. */
    @WithDefault("1000")
    int batch();

    /** The most such batches in one transaction, if more have come already; fewer are written at once. */
    @WithDefault("16")
    int batches();
}
