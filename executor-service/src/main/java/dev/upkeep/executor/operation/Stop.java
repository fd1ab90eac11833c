package dev.upkeep.executor.operation;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;

/** Why a task has to stop before its end. */
public enum Stop {
    /** Out of time: the outcome is partial. */
    DEADLINE,
    /** A person cancelled it: the outcome is cancelled. */
    CANCELLED,
    /** The executor stops: the command goes on after its next start. */
    SHUTDOWN;

    /** The reason of an outcome {@code partial}. */
    public Reason reason() {
        return switch (this) {
            case DEADLINE -> new Reason(Code.WINDOW_CLOSED, "out of time; the rest is left for the next window");
            case CANCELLED -> new Reason(Code.CANCELLED, "cancelled");
            case SHUTDOWN ->
                new Reason(Code.INTERRUPTED, "the executor stops; the command goes on after its next start");
        };
    }
}
