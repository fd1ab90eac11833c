package dev.upkeep.executor.operation.postgres;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** An attempt that nothing slows down, until a test stops it as the runner would. */
public final class FreeAttempt implements Attempt {
    private final List<Runnable> breakOffs = new CopyOnWriteArrayList<>();
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private volatile Optional<Stop> stop = Optional.empty();
    private volatile Optional<String> cursor = Optional.empty();
    private volatile Consumer<String> onProgress = message -> {};

    /** Stops, and breaks off what runs. */
    public void stop(Stop reason) {
        stop = Optional.of(reason);
        breakOffs.forEach(Runnable::run);
    }

    /** Does this at every progress message, in the operation's thread. */
    public FreeAttempt onProgress(Consumer<String> action) {
        onProgress = action;
        return this;
    }

    /** Starts from this cursor. */
    public FreeAttempt from(String saved) {
        cursor = Optional.of(saved);
        return this;
    }

    /** All progress messages so far. */
    public List<String> messages() {
        return messages;
    }

    @Override
    public Optional<Stop> stop() {
        return stop;
    }

    @Override
    public Instant finishBy() {
        return Instant.now().plus(Duration.ofHours(1));
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
        messages.add(Math.round(percent) + " % " + message);
        onProgress.accept(message);
    }

    @Override
    public Interruption onStop(Runnable breakOff) {
        breakOffs.add(breakOff);
        return () -> breakOffs.remove(breakOff);
    }

    @Override
    public void yieldToApplication(Duration batch, Duration pause) {
        if (batch.isZero()) {
            LockSupport.parkNanos(pause.toNanos()); // it waits for something
        }
    }
}
