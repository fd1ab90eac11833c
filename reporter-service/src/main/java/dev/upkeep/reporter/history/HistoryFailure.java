package dev.upkeep.reporter.history;

import java.sql.SQLException;

/** The history could not be opened, read or written. */
public final class HistoryFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure. */
    public enum Code {
        /** The settings make no sense. */
        CONFIGURATION,
        /** The database cannot be reached or opened. */
        UNAVAILABLE,
        /** The database refused a statement. */
        REFUSED
    }

    private final Code code;

    HistoryFailure(Code code, String message) {
        super(message);
        this.code = code;
    }

    HistoryFailure(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    static HistoryFailure of(String action, SQLException e) {
        return new HistoryFailure(Code.REFUSED, "history: cannot " + action + ": " + e.getMessage(), e);
    }

    /** What kind of failure. */
    public Code code() {
        return code;
    }
}
