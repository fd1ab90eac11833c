package dev.upkeep.reporter.intake;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * What had piled up on the topics before this process began to read. While it is being read the history stands in the past, where
 * much looks overdue that is not: alert rules wait for its end, at most a quarter of an hour. Thread-safe.
 */
@Singleton
public final class Backlog {
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final Clock clock;
    private final Instant latest;
    private volatile boolean read;

    @Inject
    Backlog(Clock clock) {
        this.clock = clock;
        this.latest = clock.instant().plus(LONGEST);
    }

    /** The newest records of all partitions are in the history. */
    public void isRead() {
        read = true;
    }

    /** Whether there is still some of it. */
    public boolean isOpen() {
        return !read && clock.instant().isBefore(latest);
    }
}
