package dev.upkeep.executor.fence;

/** The hold on one database; no other executor has one at the same time. Used by one thread. */
public interface Fence extends AutoCloseable {
    /** Whether the hold is still there; it ends with the session to the server. */
    boolean isHeld();

    @Override
    void close();
}
