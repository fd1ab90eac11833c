package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;

/** A refusal on its way from where it is noticed to {@link Purger}, which returns it as a value. Never leaves this package. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Reason reason;

    Refused(Code code, String message) {
        super(message, null, false, false);
        this.reason = new Reason(code, message);
    }

    Reason reason() {
        return reason;
    }
}
