package dev.upkeep.executor.fence;

import dev.upkeep.common.result.Reason;
import java.util.Optional;

/** The hold on one database; no other executor has one at the same time. Used by one thread. */
public interface Fence extends AutoCloseable {
    /** Whether the hold is still there; it ends with the session to the server. */
    boolean isHeld();

    /** Why nothing may be changed there although it is held; empty if it may. */
    default Optional<Reason> refusal() {
        return Optional.empty();
    }

    @Override
    void close();
}
