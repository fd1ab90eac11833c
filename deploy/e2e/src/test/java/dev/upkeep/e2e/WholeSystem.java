package dev.upkeep.e2e;

import dev.upkeep.local.server.Scratch;
import dev.upkeep.local.up.LocalSystem;
import dev.upkeep.local.up.RunWatch;
import dev.upkeep.local.up.UpOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/**
 * One running system for all tests of the JVM, in a temporary folder and on free ports. A test that stops a part starts it again. Its
 * processes end with the JVM, whatever happens to it.
 */
final class WholeSystem {
    /** How long anything may take on a busy machine. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static Optional<WholeSystem> shared = Optional.empty();

    private final LocalSystem system;
    private final Bus bus;

    private WholeSystem(LocalSystem system) {
        this.system = system;
        this.bus = new Bus(system.kafka());
    }

    static synchronized WholeSystem get() {
        if (shared.isEmpty()) {
            shared = Optional.of(start());
        }
        return shared.get();
    }

    private static WholeSystem start() {
        try {
            Path folder = Files.createTempDirectory("upkeep-e2e-");
            LocalSystem system = LocalSystem.start(UpOptions.in(home()).isolated(folder), System.out::println);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(system, folder)));
            try (RunWatch watch = RunWatch.start(system.kafka())) {
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> watch.reachableDatabases().size() == 3);
            }
            return new WholeSystem(system);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(LocalSystem system, Path folder) {
        system.close();
        try {
            Scratch.delete(folder);
        } catch (IOException e) {
            System.out.println("folder " + folder + " stays: " + e);
        }
    }

    /** The repository. */
    static Path home() {
        return Path.of(System.getProperty("upkeep.home"));
    }

    LocalSystem system() {
        return system;
    }

    Bus bus() {
        return bus;
    }
}
