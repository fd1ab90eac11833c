package dev.upkeep.executor.governor;

import java.util.Optional;

/** The watch over one database while one task works on it. Used by one thread. */
public interface Watch extends AutoCloseable {
    /** Why the work should pause now, in words; empty while it may go on. Looks at most once a second. */
    Optional<String> pressure();

    @Override
    void close();
}
