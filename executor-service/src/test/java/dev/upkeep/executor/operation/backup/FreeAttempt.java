package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** An attempt without a governor or pauses, which a test can stop at any time. */
final class FreeAttempt implements Attempt {
    private final List<Runnable> breakOffs = new CopyOnWriteArrayList<>();
    private final CountDownLatch inProgress = new CountDownLatch(1);
    final List<Double> percents = new CopyOnWriteArrayList<>();
    private volatile Optional<Stop> reason = Optional.empty();
    private volatile Optional<String> cursor = Optional.empty();
    private volatile boolean pauses;
    private volatile Runnable whenTold = () -> {};
    private volatile Runnable whenPausing = () -> {};

    void stopBy(Stop stop) {
        reason = Optional.of(stop);
        breakOffs.forEach(Runnable::run);
    }

    /** Makes the pauses that the operation asks for. */
    FreeAttempt pausing() {
        pauses = true;
        return this;
    }

    /** Does this at the first progress. */
    FreeAttempt atProgress(Runnable action) {
        whenTold = action;
        return this;
    }

    /** Does this when the operation offers to pause. */
    FreeAttempt atPause(Runnable action) {
        whenPausing = action;
        return this;
    }

    /** Opens when something that can be broken off has begun. */
    CountDownLatch begun() {
        return inProgress;
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
    public void progress(double percent, Optional<Duration> timeLeft, String message) {
        percents.add(percent);
        whenTold.run();
    }

    @Override
    public Interruption onStop(Runnable breakOff) {
        breakOffs.add(breakOff);
        inProgress.countDown();
        return () -> breakOffs.remove(breakOff);
    }

    @Override
    public void yieldToApplication(Duration batch, Duration pause) {
        whenPausing.run();
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); pauses && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
