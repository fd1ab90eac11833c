package dev.upkeep.common.task;

import java.util.List;
import java.util.Optional;

/**
 * Puts a database in good order in one go. Quick: analyze what was modified. Full: checkpoint where it makes sense, analyze,
 * vacuum, with sizes before and after.
 *
 * @param depth quick if absent
 */
public record Optimize(Optional<Depth> depth) implements Task {
    /** How much to do. */
    public enum Depth {
        QUICK,
        FULL
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return depth.isPresent() && depth.get() == Depth.FULL;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Bytes of the database before and after, and what was done in words. */
    public record Report(long bytesBefore, long bytesAfter, List<String> steps) {}
}
