package dev.upkeep.executor.journal;

/** The journal could not be read or written, such as on a full disk; nothing of the transaction was kept. */
public final class JournalFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean isUseless;

    JournalFailure(String message, Throwable cause) {
        this(message, cause, false);
    }

    JournalFailure(String message, Throwable cause, boolean isUseless) {
        super(message, cause);
        this.isUseless = isUseless;
    }

    /** Whether the file itself is of no use: damaged, or not this executor's. */
    boolean isUseless() {
        return isUseless;
    }
}
