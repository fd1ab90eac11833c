package dev.upkeep.local.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a {@link LocalPostgres} is started. Immutable.
 *
 * @param folder where its data, password and log are
 * @param port empty for a free one
 * @param bin the folder of its programs; empty for the newest installed server, else the binaries that Maven brought
 * @param deadline how long it may take until it answers
 * @param disposable whether nothing of it is kept: no fsync, ended at once, its folder deleted
 * @param settings server settings on top of, or instead of, the ones of this package
 */
public record PostgresSetup(
        Path folder,
        Optional<Integer> port,
        Optional<Path> bin,
        Duration deadline,
        boolean disposable,
        Map<String, String> settings) {

    static PostgresSetup in(Path folder) {
        return new PostgresSetup(
                folder.toAbsolutePath(), Optional.empty(), Optional.empty(), Duration.ofSeconds(60), false, Map.of());
    }

    public PostgresSetup port(int given) {
        return new PostgresSetup(folder, Optional.of(given), bin, deadline, disposable, settings);
    }

    public PostgresSetup bin(Path given) {
        return new PostgresSetup(folder, port, Optional.of(given), deadline, disposable, settings);
    }

    public PostgresSetup deadline(Duration given) {
        return new PostgresSetup(folder, port, bin, given, disposable, settings);
    }

    /** For tests: nothing of it is kept, and it writes without fsync. */
    public PostgresSetup asDisposable() {
        return new PostgresSetup(folder, port, bin, deadline, true, settings);
    }

    public PostgresSetup setting(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        return new PostgresSetup(folder, port, bin, deadline, disposable, Map.copyOf(more));
    }

    public LocalPostgres start() {
        return LocalPostgres.start(this);
    }
}
