package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.CalmAttempt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** An attempt without pauses unless it is told to make them, which keeps how far it came. */
final class FreeAttempt extends CalmAttempt {
    final List<Double> percents = new CopyOnWriteArrayList<>();
    private volatile boolean pauses;

    /** Makes the pauses that the operation asks for. */
    FreeAttempt pausing() {
        pauses = true;
        return this;
    }

    /** Does this at every progress. */
    FreeAttempt atProgress(Runnable action) {
        whenTelling(message -> action.run());
        return this;
    }

    @Override
    public void progress(double percent, Optional<Duration> timeLeft, String message) {
        percents.add(percent);
        super.progress(percent, timeLeft, message);
    }

    @Override
    protected void pause(Duration batch, Duration pause) {
        if (pauses) {
            super.pause(batch, pause);
        }
    }
}
