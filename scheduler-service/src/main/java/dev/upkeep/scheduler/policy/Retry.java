package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.Optional;

/**
 * Trying again, with a new command, where a command ended badly for a reason that may pass, was contended, or expired.
 *
 * @param attempts so many more tries
 * @param backoff the pause before the first of them, doubled for each further one; 5 minutes if absent
 */
public record Retry(int attempts, Optional<Duration> backoff) {
    public Retry {
        Check.between("attempts", attempts, 1, 10);
        backoff.ifPresent(pause -> Check.positive("backoff", pause));
    }

    /** The pause before the so-maniest try after the first. */
    public Duration pauseBefore(int retry) {
        return backoff.orElse(Duration.ofMinutes(5)).multipliedBy(1L << Math.min(retry - 1, 10));
    }
}
