package dev.upkeep.local.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a {@link LocalBroker} is started. Immutable.
 *
 * @param folder where its data, configuration and log are
 * @param port the port for clients; empty for a free one
 * @param classpath where its classes are
 * @param deadline how long it may take until it answers
 * @param disposable whether it is killed instead of stopped at the end, and its folder deleted
 * @param settings broker settings on top of, or instead of, the ones of this package
 */
public record BrokerSetup(
        Path folder,
        Optional<Integer> port,
        String classpath,
        Duration deadline,
        boolean disposable,
        Map<String, String> settings) {

    static BrokerSetup in(Path folder) {
        return new BrokerSetup(
                folder.toAbsolutePath(),
                Optional.empty(),
                System.getProperty("java.class.path"),
                Duration.ofSeconds(60),
                false,
                Map.of());
    }

    public BrokerSetup port(int given) {
        return new BrokerSetup(folder, Optional.of(given), classpath, deadline, disposable, settings);
    }

    public BrokerSetup classpath(String given) {
        return new BrokerSetup(folder, port, given, deadline, disposable, settings);
    }

    public BrokerSetup deadline(Duration given) {
        return new BrokerSetup(folder, port, classpath, given, disposable, settings);
    }

    /** For tests: nothing of it is kept. */
    public BrokerSetup asDisposable() {
        return new BrokerSetup(folder, port, classpath, deadline, true, settings);
    }

    public BrokerSetup setting(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        return new BrokerSetup(folder, port, classpath, deadline, disposable, Map.copyOf(more));
    }

    public LocalBroker start() {
        return LocalBroker.start(this);
    }
}
