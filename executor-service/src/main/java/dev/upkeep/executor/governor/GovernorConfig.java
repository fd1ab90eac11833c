package dev.upkeep.executor.governor;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When work pauses for the sake of the application. */
@ConfigMapping(prefix = "upkeep.governor")
public interface GovernorConfig {
    /** PostgreSQL: so many sessions of the database waiting for locks. */
    @WithDefault("3")
    int lockWaiters();

    /** PostgreSQL: a replica so far behind. */
    @WithDefault("10s")
    Duration replicationLag();

    /** PostgreSQL: so many WAL files waiting to be archived. */
    @WithDefault("50")
    int archiverBacklog();

    /** SQLite: a write-ahead log so large. */
    @WithDefault("512M")
    MemorySize walSize();

    /** Free space on the database's disk below this, where the disk can be seen from here. */
    @WithDefault("512M")
    MemorySize diskFloor();
}
