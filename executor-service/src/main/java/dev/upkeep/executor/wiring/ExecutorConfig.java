package dev.upkeep.executor.wiring;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Who this executor is, and how much it does at once. */
@ConfigMapping(prefix = "upkeep.executor")
public interface ExecutorConfig {
    /** Its name across the fleet; the host's name if absent. Never change it while commands are on their way. */
    Optional<String> id();

    /** The folder of its journal; made if need be, closed to other users. Never share it, never throw it away. */
    @WithDefault("executor-data")
    Path data();

    /** How often it says that it is there; silent for three of these, it counts as offline. */
    @WithDefault("15s")
    Duration heartbeat();

    /** How often it looks whether its databases answer, and for new ones. */
    @WithDefault("1m")
    Duration probe();

    /** How many heavy commands (backups, vacuums, purges, full checks) it carries out at once. */
    @WithDefault("2")
    int heavyLimit();

    /** How many others it carries out at once. */
    @WithDefault("8")
    int lightLimit();

    /** How many commands may wait here; beyond it, they wait on the topic. */
    @WithDefault("5000")
    int waitingLimit();

    /** How long a shutdown waits for what is being done to stop in good order. */
    @WithDefault("20s")
    Duration shutdownGrace();

    /** How long ended commands are remembered, so that a repeat has no effect; at least as long as the commands topic keeps them. */
    @WithDefault("30d")
    String remember();

    /** What happens after a failure that may pass. */
    Retry retry();

    /** Tries after a failure that may pass: each wait is twice the one before, drawn at random between half and whole. */
    interface Retry {
        /** Tries in all, the first one among them. */
        @WithDefault("10")
        int attempts();

        /** The wait after the first. */
        @WithDefault("1s")
        Duration first();

        /** No wait is longer. */
        @WithDefault("1m")
        Duration longest();
    }
}
