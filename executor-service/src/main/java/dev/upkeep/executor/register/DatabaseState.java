package dev.upkeep.executor.register;

import java.util.Optional;

/**
 * What the last look at a database showed.
 *
 * @param version the engine's, from the last time that it answered
 * @param systemIdentifier the server's, PostgreSQL only, from the same time
 * @param problem why it did not answer this time
 */
record DatabaseState(Optional<String> version, Optional<String> systemIdentifier, Optional<String> problem) {
    static final DatabaseState UNKNOWN = new DatabaseState(Optional.empty(), Optional.empty(), Optional.empty());

    /** The same, but it did not answer this time. */
    DatabaseState with(String trouble) {
        return new DatabaseState(version, systemIdentifier, Optional.of(trouble));
    }
}
