package dev.upkeep.common.result;

/** How a command, or one task of it, ended. Each says something else to a person; see docs/outcomes.md. */
public enum Outcome {
    /** All was done. */
    SUCCEEDED,
    /** Out of time, with work left; the next window goes on from here. */
    PARTIAL,
    /** Looked, and there was nothing that needed doing. */
    NOTHING_TO_DO,
    /** Not started, on purpose: overlap, pause, hold or blackout. */
    SKIPPED,
    /** Refused: a guardrail, an invalid order, a drifted plan. */
    REJECTED,
    /** Arrived, or came to its turn, after {@code startBy}. */
    EXPIRED,
    /** Never started, since its window had closed or not yet opened. */
    OUTSIDE_WINDOW,
    /** The executor never answered. */
    OFFLINE,
    /** Another executor or session held the database or the lock. */
    CONTENDED,
    /** Tried and failed; the reason's code says whether trying again may help. */
    FAILED,
    /** Stopped by a person. */
    CANCELLED,
    /** The executor died in the middle of a task that must not be repeated blindly. */
    INTERRUPTED;

    /** Whether a person should be content with it. */
    public boolean isGood() {
        return this == SUCCEEDED || this == NOTHING_TO_DO;
    }
}
