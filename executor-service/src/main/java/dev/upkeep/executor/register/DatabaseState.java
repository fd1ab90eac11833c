package dev.upkeep.executor.register;

import java.util.Optional;

/**
 * What the last look at a database showed.
 *
 * @param version the engine's, from the last time that it answered
 * @param problem why it did not answer this time
 */
record DatabaseState(Optional<String> version, Optional<String> problem) {
    static final DatabaseState UNKNOWN = new DatabaseState(Optional.empty(), Optional.empty());
}
