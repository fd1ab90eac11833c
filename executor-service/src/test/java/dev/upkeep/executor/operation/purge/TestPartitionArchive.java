package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.PartitionArchive;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;

/** The archive of partitions for tests of other families. */
public final class TestPartitionArchive {
    private TestPartitionArchive() {}

    public static PartitionArchive in(Path directory) {
        return new PartitionArchives(config(directory), ArchiveStore.none());
    }

    /** What brings archived rows back from there. */
    public static Operation<RestorePurged, PostgresDatabase> restore(Path directory) {
        return new PostgresRestorePurged(config(directory), ArchiveStore.none());
    }

    private static PurgeConfig config(Path directory) {
        return new SmallRyeConfigBuilder()
                .withMapping(PurgeConfig.class)
                .withDefaultValue("upkeep.purge.directory", directory.toString())
                .addDiscoveredConverters()
                .build()
                .getConfigMapping(PurgeConfig.class);
    }
}
