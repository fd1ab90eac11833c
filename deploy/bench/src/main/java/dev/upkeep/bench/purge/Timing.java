package dev.upkeep.bench.purge;

import java.time.Duration;
import java.time.Instant;

/**
 * When a contender worked.
 *
 * @param took what counts as its time
 */
record Timing(Instant from, Instant to, Duration took, long rows) {}
