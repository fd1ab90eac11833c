package dev.upkeep.bench.backup;

import java.time.Instant;

/**
 * One backup that was taken.
 *
 * @param seconds until it was on disk
 * @param withVerification seconds until it was read back as well; the same for a tool that does not
 * @param bytes of it
 */
record Copy(Instant from, Instant to, double seconds, double withVerification, long bytes) {}
