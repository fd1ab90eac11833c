package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How far a purge got. Only a hint about where to go on: losing it costs a scan, never a row too many or too few.
 *
 * @param plan the plan's hash; another plan begins anew
 * @param asOf the command's; a later command takes over the place, not the figures
 * @param walk the name of the stretch of the root
 * @param position in it; empty for its beginning
 * @param lapLeft whether the stretch has to be walked once more from its beginning, as this command began in its middle
 */
record Cursor(
        String plan,
        Instant asOf,
        int rule,
        Optional<String> walk,
        Optional<String> position,
        boolean lapLeft,
        long batches,
        Map<String, Long> deleted,
        Map<String, Long> archived) {

    Cursor {
        deleted = Map.copyOf(deleted);
        archived = Map.copyOf(archived);
    }

    static Cursor beginning(String plan, Instant asOf) {
        return new Cursor(plan, asOf, 0, Optional.empty(), Optional.empty(), false, 0, Map.of(), Map.of());
    }

    /** Reads a saved cursor; one of another plan, or one that cannot be read, is none. */
    static Optional<Cursor> read(Optional<String> saved, String plan) {
        return saved.flatMap(text -> {
                    try {
                        return Optional.of(Wire.read(text.getBytes(StandardCharsets.UTF_8), Cursor.class));
                    } catch (Unreadable e) {
                        return Optional.empty();
                    }
                })
                .filter(cursor -> cursor.plan().equals(plan));
    }

    String text() {
        return new String(Wire.write(this), StandardCharsets.UTF_8);
    }
}
