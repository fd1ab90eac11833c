package dev.upkeep.executor.run;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often and after which time a transient failure is tried again: the wait doubles from {@code first} to {@code longest}, and
 * each is drawn at random between its half and its whole, so that many do not come back at once.
 *
 * @param attempts in all, the first one among them
 */
public record RetryPolicy(int attempts, Duration first, Duration longest) {
    public RetryPolicy {
        Check.between("attempts", attempts, 1, 1_000);
        Check.positive("first", first);
        Check.positive("longest", longest);
    }

    /** The wait after so many attempts. */
    Duration after(int attempts) {
        Duration wait = first.multipliedBy(1L << Math.min(20, Math.max(0, attempts - 1)));
        long millis = Math.max(2, (wait.compareTo(longest) < 0 ? wait : longest).toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }
}
