package dev.upkeep.executor.operation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** An attempt without a governor and with all the time there is, until a test says stop as the runner would. */
public class CalmAttempt implements Attempt {
    private final List<Runnable> breakOffs = new CopyOnWriteArrayList<>();
    private volatile Optional<Stop> stop = Optional.empty();
    private volatile Optional<String> cursor = Optional.empty();
    private volatile Runnable whenYielding = () -> {};
    private volatile Consumer<String> whenTelling = message -> {};
    private int yields;

    /** One that pauses only where the operation waits for something, not after its batches. */
    public static CalmAttempt inHaste() {
        return new CalmAttempt() {
            @Override
            protected void pause(Duration batch, Duration pause) {
                if (batch.isZero()) {
                    super.pause(batch, pause);
                }
            }
        };
    }

    /** Stops as the runner does, from whatever thread. */
    public void stop(Stop reason) {
        stop = Optional.of(reason);
        breakOffs.forEach(Runnable::run);
    }

    /** Does this whenever the operation gives way, in its thread. */
    public CalmAttempt whenYielding(Runnable action) {
        whenYielding = action;
        return this;
    }

    /** Does this at every progress message, in the operation's thread. */
    public CalmAttempt whenTelling(Consumer<String> action) {
        whenTelling = action;
        return this;
    }

    /** How often the operation gave way. */
    public int yields() {
        return yields;
    }

    /** How many ways of breaking off are registered. */
    public int breakOffs() {
        return breakOffs.size();
    }

    @Override
    public Optional<Stop> stop() {
        return stop;
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
        whenTelling.accept(message);
    }

    @Override
    public Interruption onStop(Runnable breakOff) {
        breakOffs.add(breakOff);
        return () -> breakOffs.remove(breakOff);
    }

    @Override
    public final void yieldToApplication(Duration batch, Duration pause) {
        yields++;
        whenYielding.run();
        pause(batch, pause);
    }

    /** What a test's attempt makes of the pause. */
    protected void pause(Duration batch, Duration pause) {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
