package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** An attempt with all the time there is, until a test says stop. */
public final class CalmAttempt implements Attempt {
    private final List<Runnable> breakOffs = new CopyOnWriteArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private volatile Optional<Stop> stop = Optional.empty();
    private Optional<String> cursor = Optional.empty();
    private Runnable whenYielding = () -> {};
    private Consumer<String> whenTelling = message -> {};
    private int yields;

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

    /** The progress messages. */
    public List<String> messages() {
        return messages;
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
        messages.add(message);
        whenTelling.accept(message);
    }

    @Override
    public Interruption onStop(Runnable breakOff) {
        breakOffs.add(breakOff);
        return () -> breakOffs.remove(breakOff);
    }

    @Override
    public void yieldToApplication(Duration batch, Duration pause) {
        yields++;
        whenYielding.run();
        LockSupport.parkNanos(pause.toNanos());
    }
}
