package dev.upkeep.common.kafka;

import java.time.Duration;
import java.util.Map;

/** The topics and how each is kept. Names carry the prefix of {@link Topics}. */
public enum Topic {
    /** Ad-hoc orders from anyone allowed to publish; one partition, whose owner is the leading scheduler. */
    REQUESTS("requests", false, delete(Duration.ofDays(7))),
    /** Commands by lane. */
    COMMANDS("commands", true, delete(Duration.ofDays(7))),
    /** One terminal event per command. */
    RESULTS("results", true, delete(Duration.ofDays(30))),
    /** What happens before a command ends. */
    PROGRESS("progress", true, delete(Duration.ofDays(1))),
    /** Registrations and heartbeats. */
    EXECUTORS("executors", false, compact()),
    /** The state of every run. */
    RUNS("runs", false, compactAndDelete(Duration.ofDays(30))),
    /** Pauses, blackouts and holds. */
    CONTROLS("controls", false, compact()),
    /** Firing and resolved alerts. */
    ALERTS("alerts", false, compactAndDelete(Duration.ofDays(7))),
    /** Records that could not be read. */
    DEAD_LETTERS("dead-letters", false, delete(Duration.ofDays(30)));

    private final String suffix;
    private final boolean isSpread;

    @SuppressWarnings("ImmutableEnumChecker") // made by Map.of
    private final Map<String, String> configuration;

    Topic(String suffix, boolean isSpread, Map<String, String> configuration) {
        this.suffix = suffix;
        this.isSpread = isSpread;
        this.configuration = configuration;
    }

    String suffix() {
        return suffix;
    }

    /** Whether it has as many partitions as there are lanes, rather than one. */
    public boolean isSpread() {
        return isSpread;
    }

    Map<String, String> configuration() {
        return configuration;
    }

    private static Map<String, String> delete(Duration kept) {
        return Map.of("cleanup.policy", "delete", "retention.ms", Long.toString(kept.toMillis()));
    }

    private static Map<String, String> compact() {
        return Map.of("cleanup.policy", "compact");
    }

    private static Map<String, String> compactAndDelete(Duration kept) {
        return Map.of("cleanup.policy", "compact,delete", "retention.ms", Long.toString(kept.toMillis()));
    }
}
