package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.PartitionArchive;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The archive of partitions for tests of other families. */
public final class TestPartitionArchive {
    private TestPartitionArchive() {}

    public static PartitionArchive in(Path directory) {
        return in(directory, Map.of());
    }

    /** With keys of {@code upkeep.purge}, and without a backup. */
    public static PartitionArchive in(Path directory, Map<String, String> settings) {
        return new PartitionArchives(config(directory, settings), id -> Optional.empty(), ArchiveStore.none());
    }

    /** What brings archived rows back from there. */
    public static Operation<RestorePurged, PostgresDatabase> restore(Path directory) {
        return new PostgresRestorePurged(config(directory, Map.of()), ArchiveStore.none());
    }

    /** The same, with archives encrypted for this key of age. */
    public static PartitionArchive in(Path directory, String recipient) {
        return in(directory, Map.of("recipients", recipient));
    }

    /** The same, opened by the secret keys in this file. */
    public static Operation<RestorePurged, PostgresDatabase> restore(Path directory, Path identityFile) {
        return new PostgresRestorePurged(
                config(directory, Map.of("identity-file", identityFile.toString())), ArchiveStore.none());
    }

    private static PurgeConfig config(Path directory, Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withMapping(PurgeConfig.class)
                .withDefaultValue("upkeep.purge.directory", directory.toString());
        settings.forEach((key, value) -> builder.withDefaultValue("upkeep.purge." + key, value));
        return builder.addDiscoveredConverters().build().getConfigMapping(PurgeConfig.class);
    }
}
