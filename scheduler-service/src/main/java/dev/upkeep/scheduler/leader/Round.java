package dev.upkeep.scheduler.leader;

import dev.upkeep.scheduler.metric.RoundPart;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** The time that one round of the leader has taken so far: who finds it long leaves the rest to the next round. */
final class Round {
    private static final Duration LONG = Duration.ofMillis(40);

    private final long began = System.nanoTime();
    private final Map<RoundPart, Duration> parts = new EnumMap<>(RoundPart.class);
    private long mark = began;

    boolean isLong() {
        return took().compareTo(LONG) > 0;
    }

    Duration took() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Counts the time since the part before for this one. */
    void did(RoundPart part) {
        long now = System.nanoTime();
        parts.put(part, Duration.ofNanos(now - mark));
        mark = now;
    }

    /** The time of each part that was done. */
    Map<RoundPart, Duration> parts() {
        return parts;
    }
}
