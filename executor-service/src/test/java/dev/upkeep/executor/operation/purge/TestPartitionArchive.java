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

    /** The same, with archives encrypted for this key of age. */
    public static PartitionArchive in(Path directory, String recipient) {
        return new PartitionArchives(config(directory, "recipients", recipient), ArchiveStore.none());
    }

    /** The same, opened by the secret keys in this file. */
    public static Operation<RestorePurged, PostgresDatabase> restore(Path directory, Path identityFile) {
        return new PostgresRestorePurged(
                config(directory, "identity-file", identityFile.toString()), ArchiveStore.none());
    }

    private static PurgeConfig config(Path directory) {
        return config(directory, "batch-rows", "10000");
    }

    private static PurgeConfig config(Path directory, String key, String value) {
        return new SmallRyeConfigBuilder()
                .withMapping(PurgeConfig.class)
                .withDefaultValue("upkeep.purge.directory", directory.toString())
                .withDefaultValue("upkeep.purge." + key, value)
                .addDiscoveredConverters()
                .build()
                .getConfigMapping(PurgeConfig.class);
    }
}
