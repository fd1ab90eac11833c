package dev.upkeep.scheduler.leader;

import java.time.Duration;

/** The time that one round of the leader has taken so far: who finds it long leaves the rest to the next round. */
final class Round {
    private static final Duration LONG = Duration.ofMillis(40);

    private final long began = System.nanoTime();

    boolean isLong() {
        return took().compareTo(LONG) > 0;
    }

    Duration took() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
