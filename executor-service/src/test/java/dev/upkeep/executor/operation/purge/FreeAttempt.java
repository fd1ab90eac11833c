package dev.upkeep.executor.operation.purge;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** An attempt without a governor, which keeps its cursor and can be stopped after a number of batches. */
class FreeAttempt implements Attempt {
    private Optional<Stop> reason = Optional.empty();
    private Optional<String> cursor = Optional.empty();
    private int batchesLeft = Integer.MAX_VALUE;
    private Runnable between = () -> {};
    Duration paused = Duration.ZERO;

    /** Stops after so many batches. */
    FreeAttempt stopAfter(int batches) {
        batchesLeft = batches;
        reason = batches == 0 ? Optional.of(Stop.DEADLINE) : Optional.empty();
        return this;
    }

    /** Does this after each batch. */
    FreeAttempt between(Runnable action) {
        between = action;
        return this;
    }

    @Override
    public Optional<Stop> stop() {
        return reason;
    }

    @Override
    public Instant finishBy() {
        return Instant.MAX;
    }

    @Override
    public Optional<String> cursor() {
        return cursor;
    }

    @Override
    public void saveCursor(String text) {
        cursor = Optional.of(text);
    }

    @Override
    public void progress(double percent, Optional<Duration> timeLeft, String message) {}

    @Override
    public Interruption onStop(Runnable breakOff) {
        return () -> {};
    }

    @Override
    public void yieldToApplication(Duration batch, Duration pause) {
        paused = paused.plus(pause);
        between.run();
        if (--batchesLeft == 0) {
            reason = Optional.of(Stop.DEADLINE);
        }
    }
}
