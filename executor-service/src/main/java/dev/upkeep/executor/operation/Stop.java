package dev.upkeep.executor.operation;

/** Why a task has to stop before its end. */
public enum Stop {
    /** Out of time: the outcome is partial. */
    DEADLINE,
    /** A person cancelled it: the outcome is cancelled. */
    CANCELLED,
    /** The executor stops: the command goes on after its next start. */
    SHUTDOWN
}
