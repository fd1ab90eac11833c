package dev.upkeep.executor.governor;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Looks at the load at most once a second, and between looks says what it saw. Used by one thread. */
final class Glance {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Supplier<Optional<String>> look;
    private long lookedAt = Long.MIN_VALUE;
    private Optional<String> seen = Optional.empty();

    Glance(Supplier<Optional<String>> look) {
        this.look = look;
    }

    Optional<String> seen() {
        long now = System.nanoTime();
        if (lookedAt == Long.MIN_VALUE || now - lookedAt > LOOK_EVERY.toNanos()) {
            lookedAt = now;
            seen = look.get();
        }
        return seen;
    }
}
