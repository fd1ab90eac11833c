package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.store.LocalS3;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/** An executor's process that purges once, for tests that kill it. */
final class PurgeMain {
    private PurgeMain() {}

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(System.getProperty("purge.settings")))) {
            settings.load(reader);
        }
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withMapping(PurgeConfig.class);
        settings.stringPropertyNames().forEach(key -> builder.withDefaultValue(key, settings.getProperty(key)));
        PurgeConfig config = builder.addDiscoveredConverters().build().getConfigMapping(PurgeConfig.class);
        var order = Site.order(
                Wire.read(String.valueOf(settings.getProperty("order")).getBytes(StandardCharsets.UTF_8), Purge.class),
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

    /**
     * Starts it in a JVM of its own, which dies when it comes to this place for this time.
     *
     * @param arguments where archives and the database are
     */
    static Process start(Site site, Purge purge, String place, String... arguments) throws Exception {
        Properties settings = new Properties();
        settings.putAll(site.settings());
        settings.setProperty("order", new String(Wire.write(purge), StandardCharsets.UTF_8));
        Path file = Files.createTempFile(
                Objects.requireNonNull(site.directory.toAbsolutePath().getParent()), "purge", ".properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfault.at=" + place));
        command.add("-Dpurge.settings=" + file);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PurgeMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
