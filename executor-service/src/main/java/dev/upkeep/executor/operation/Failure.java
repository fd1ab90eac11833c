package dev.upkeep.executor.operation;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import org.jspecify.annotations.Nullable;

/** A task failed, for a reason with a code. The message says what, where, and what to do; never row data or passwords. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Reason reason;

    public Failure(Code code, String message) {
        this(code, message, null);
    }

    public Failure(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = new Reason(code, message);
    }

    /** Code and message. */
    public Reason reason() {
        return reason;
    }
}
