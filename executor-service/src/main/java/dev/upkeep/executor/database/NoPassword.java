package dev.upkeep.executor.database;

/** A password that was configured cannot be had; the message says where it should be and what to do. */
final class NoPassword extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoPassword(String message) {
        super(message);
    }
}
