package dev.upkeep.executor.run;

import java.time.Duration;

/** How commands are run: how many at once, and how often again. */
public record RunSettings(Limits limits, RetryPolicy retry) {
    /** What holds when nothing is configured. */
    public static final RunSettings DEFAULT = new RunSettings(
            new Limits(2, 8, 5_000, Duration.ofSeconds(20)),
            new RetryPolicy(10, Duration.ofSeconds(1), Duration.ofMinutes(1)));
}
