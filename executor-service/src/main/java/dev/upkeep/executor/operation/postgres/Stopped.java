package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.operation.Stop;

/** The reason of an outcome {@code partial}. */
public final class Stopped {
    private Stopped() {}

    /** @param where how far it got, such as {@code after 3 of 12 tables} */
    public static Reason reason(Stop stop, String where) {
        return switch (stop) {
            case DEADLINE -> new Reason(Code.WINDOW_CLOSED, "out of time " + where);
            case CANCELLED -> new Reason(Code.CANCELLED, "cancelled " + where);
            case SHUTDOWN -> new Reason(Code.INTERRUPTED, "the executor stopped " + where);
        };
    }
}
