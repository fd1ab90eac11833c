package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.store.LocalS3;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An executor's process that purges once, for tests that kill it. */
final class PurgeMain {
    private PurgeMain() {}

    public static void main(String[] arguments) throws Exception {
        PurgeConfig config = new SmallRyeConfigBuilder()
                .withMapping(PurgeConfig.class)
                .withDefaultValue("upkeep.purge.directory", arguments[0])
                .withDefaultValue("upkeep.purge.max-share", "1")
                .withDefaultValue("upkeep.purge.batch-rows", "25")
                .withDefaultValue("upkeep.purge.recipients", System.getProperty("purge.recipients", ""))
                .addDiscoveredConverters()
                .build()
                .getConfigMapping(PurgeConfig.class);
        var order = Site.order(
                Site.archiving(
                        Purge.Archive.valueOf(System.getProperty("purge.format")), Site.rule("parents", "created_at")),
                Site.AS_OF);
        if (arguments.length <= 3) {
            new SqlitePurge(config, id -> Optional.empty(), archives(arguments))
                    .perform(order, new SqliteDatabase(Site.ID, Map.of(), Path.of(arguments[1])), new FreeAttempt());
            return;
        }
        PostgresDatabase database = new PostgresDatabase(
                Site.ID,
                Map.of(),
                new PostgresAddress(arguments[1], Integer.parseInt(arguments[2]), arguments[3]),
                arguments[4],
                () -> Optional.of(arguments[5]),
                Map.of());
        new PostgresPurge(config, id -> Optional.empty(), ArchiveStore.none())
                .perform(order, database, new FreeAttempt());
    }

    private static ArchiveStore archives(String[] arguments) {
        return arguments.length < 3
                ? ArchiveStore.none()
                : new ArchiveStore(() -> Optional.of(LocalS3.storeAt(Integer.parseInt(arguments[2]))));
    }

    /** Starts it in a JVM of its own, which dies when it comes to this place for this time. */
    static Process start(String place, String... arguments) throws Exception {
        return start(Purge.Archive.JSON_LINES, "", place, arguments);
    }

    static Process start(Purge.Archive format, String recipients, String place, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfault.at=" + place));
        command.add("-Dpurge.format=" + format);
        command.add("-Dpurge.recipients=" + recipients);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PurgeMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
