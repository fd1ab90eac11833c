package dev.upkeep.local.server;

/** Why a server of this machine could not be started, reached or stopped; the message says what, where, and what to do. */
public final class LocalFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The kinds of failure, for callers that react to them. */
    public enum Code {
        /** Something else listens on the port. */
        PORT_BUSY,
        /** The server runs, but did not answer before its deadline. */
        NOT_READY,
        /** The server ended by itself. */
        ENDED,
        /** A program that is needed is not installed. */
        NO_PROGRAM,
        /** A folder or file cannot be used. */
        FOLDER,
        /** The calling thread was interrupted while it waited. */
        INTERRUPTED
    }

    private final Code code;

    public LocalFailure(Code code, String message) {
        super(message);
        this.code = code;
    }

    public LocalFailure(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** Restores the interrupt flag and says what was waited for. */
    static LocalFailure interrupted(String waitingFor, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LocalFailure(Code.INTERRUPTED, "interrupted while waiting for " + waitingFor, e);
    }
}
