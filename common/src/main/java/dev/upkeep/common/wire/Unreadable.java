package dev.upkeep.common.wire;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;

/** A message could not be read; the reason says for people which field is wrong and what was expected. */
public final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Reason reason;

    Unreadable(Code code, String message, Throwable cause) {
        super(message, cause);
        this.reason = new Reason(code, message);
    }

    Unreadable(Code code, String message) {
        super(message);
        this.reason = new Reason(code, message);
    }

    /** For what is found wrong before the content is looked at. */
    public static Unreadable of(Code code, String message) {
        return new Unreadable(code, message);
    }

    /** Code and message. */
    public Reason reason() {
        return reason;
    }
}
