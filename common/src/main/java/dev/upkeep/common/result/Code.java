package dev.upkeep.common.result;

/** Why something was refused, skipped or failed: the machine's word beside the message for people. */
public enum Code {
    // The order itself.
    MALFORMED(false),
    OVERSIZED(false),
    INVALID(false),
    UNKNOWN_TASK(false),
    UNKNOWN_DATABASE(false),
    UNKNOWN_POLICY(false),
    EMPTY_SELECTION(false),
    DUPLICATE_REQUEST(false),
    TOO_MANY_REQUESTS(false),
    ID_CONFLICT(false),
    UNSUPPORTED(false),
    // Refusals by the executor.
    GUARDRAIL(false),
    UNSIGNED(false),
    BAD_SIGNATURE(false),
    PLAN_DRIFTED(false),
    SUPERSEDED(false),
    CLOCK_SKEW(false),
    NEEDS_CONFIRMATION(false),
    BACKUP_MISSING(false),
    KEY_MISSING(false),
    SESSION_ACTIVE(false),
    // Not now.
    OVERLAP(false),
    PAUSED(false),
    BLACKOUT(false),
    HOLD(false),
    TOO_LATE(false),
    WINDOW_CLOSED(false),
    EXECUTOR_OFFLINE(false),
    OTHER_EXECUTOR(false),
    CANCELLED(false),
    INTERRUPTED(false),
    ROLLOUT_STOPPED(false),
    PREDECESSOR_FAILED(false),
    PROPOSED(false),
    // Failures that may pass.
    DATABASE_DOWN(true),
    CONNECTION_LOST(true),
    TOO_MANY_CONNECTIONS(true),
    LOCK_TIMEOUT(true),
    DEADLOCK(true),
    SERIALIZATION_FAILURE(true),
    BUSY(true),
    STATEMENT_TIMEOUT(true),
    STORE_UNAVAILABLE(true),
    // Failures that will not pass by themselves.
    DISK_FULL(false),
    STORE_BROKEN(false),
    PERMISSION_DENIED(false),
    AUTHENTICATION_FAILED(false),
    NO_SUCH_DATABASE(false),
    NO_SUCH_TABLE(false),
    NO_SUCH_COLUMN(false),
    NOT_A_DATABASE(false),
    WRONG_DATABASE(false),
    READ_ONLY(false),
    CORRUPT(false),
    CONSTRAINT(false),
    TOOL_MISSING(false),
    TOOL_FAILED(false),
    VERIFICATION_FAILED(false),
    OUT_OF_MEMORY(false),
    INTERNAL(false);

    private final boolean isTransient;

    Code(boolean isTransient) {
        this.isTransient = isTransient;
    }

    /** Whether trying again later may succeed without anybody mending anything. */
    public boolean isTransient() {
        return isTransient;
    }
}
