package dev.upkeep.reporter.intake;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How topics are read. */
@ConfigMapping(prefix = "upkeep.intake")
public interface IntakeConfig {
    /** The consumer group; replicas that share a PostgreSQL history share it. The topic prefix goes before it. */
    @WithDefault("reporter")
    String group();

    /** The most records that go into one transaction. */
    @WithDefault("1000")
    int batch();
}
