package dev.upkeep.executor.journal;

/** The journal could not be read or written, such as on a full disk; nothing of the transaction was kept. */
public final class JournalFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JournalFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
