package dev.upkeep.executor.operation.purge;

import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.util.Optional;

/** An attempt without pauses, which can be stopped after a number of batches. */
class FreeAttempt extends CalmAttempt {
    private int batchesLeft = Integer.MAX_VALUE;

    /** Stops after so many batches. */
    FreeAttempt stopAfter(int batches) {
        batchesLeft = batches;
        return this;
    }

    /** Does this after each batch. */
    FreeAttempt between(Runnable action) {
        whenYielding(action);
        return this;
    }

    @Override
    public Optional<Stop> stop() {
        return batchesLeft <= 0 ? Optional.of(Stop.DEADLINE) : super.stop();
    }

    @Override
    protected void pause(Duration batch, Duration pause) {
        batchesLeft--;
    }
}
