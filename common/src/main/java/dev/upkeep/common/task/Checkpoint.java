package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.Optional;

/**
 * SQLite: moves the WAL's pages into the database file.
 *
 * @param mode as SQLite names them; passive if absent
 * @param busyBudget how long to wait for readers and writers in all; 5 s if absent
 */
public record Checkpoint(Optional<Mode> mode, Optional<Duration> busyBudget) implements Task {
    /** SQLite's four modes, from the most polite to the most thorough. */
    public enum Mode {
        PASSIVE,
        FULL,
        RESTART,
        TRUNCATE
    }

    public Checkpoint {
        busyBudget.ifPresent(budget -> Check.positive("busyBudget", budget));
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Pages in the WAL and how many of them are now in the database; bytes of the WAL file before and after. */
    public record Report(
            Mode mode, long walPages, long movedPages, long walBytesBefore, long walBytesAfter, boolean complete) {}
}
