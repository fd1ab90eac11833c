package dev.upkeep.executor.governor;

import java.time.Duration;

/**
 * What counts as too much load.
 *
 * @param walSize in bytes
 * @param diskFloor in bytes
 */
public record PressureLimits(
        int lockWaiters, Duration replicationLag, int archiverBacklog, long walSize, long diskFloor) {}
