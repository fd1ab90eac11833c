package dev.upkeep.common.task;

/**
 * A session that was cancelled or terminated, or would be.
 *
 * @param state as {@code pg_stat_activity} had it
 * @param seconds how long it had been so
 * @param how {@code cancelled}, {@code terminated}, or {@code left} when it ended by itself or changed its state first
 */
public record EndedSession(int pid, String role, String application, String state, double seconds, String how) {}
