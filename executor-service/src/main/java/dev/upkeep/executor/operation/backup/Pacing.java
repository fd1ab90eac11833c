package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Says how long to pause after each small slice of work. The gentle pace pauses {@value #SHARE} times as long as the work took; a rate
 * is kept by waiting until so many bytes are due. Both in small even steps: a long burst followed by a long pause has the same
 * average and stops others for the length of the burst.
 *
 * <p>Pauses shorter than {@value #LEAST_MILLIS} ms are saved up, and what a pause took longer than asked for is taken off later
 * ones. Time that went by without work is not caught up: never more than {@value #CATCH_UP_MILLIS} ms of the rate at once. Used
 * by one thread.
 */
final class Pacing {
    private static final double SHARE = 0.75;
    private static final long LEAST_MILLIS = 1;
    private static final long CATCH_UP_MILLIS = 20;
    private static final long LEAST = LEAST_MILLIS * 1_000_000;
    private static final long CATCH_UP = CATCH_UP_MILLIS * 1_000_000;
    private static final int LARGEST_SLICE = 128 * 1024;
    private static final int SMALLEST_SLICE = 4 * 1024;
    /** Slices of a second, when there is a rate. */
    private static final long SLICES = 100;

    private final boolean isGentle;
    private final Optional<Long> mostPerSecond;
    private final LongSupplier nanoTime;
    private long resumedAt;
    private long owed;
    private long freeAt;

    /** @param mostPerSecond bytes */
    Pacing(Pace pace, Optional<Long> mostPerSecond, LongSupplier nanoTime) {
        this.isGentle = pace == Pace.GENTLE;
        this.mostPerSecond = mostPerSecond;
        this.nanoTime = nanoTime;
        this.resumedAt = nanoTime.getAsLong();
        this.freeAt = resumedAt;
    }

    boolean isGentle() {
        return isGentle;
    }

    /** Work begins again after something else. */
    void resume() {
        resumedAt = nanoTime.getAsLong();
    }

    /** So many bytes at most before {@link #after} is asked. */
    int slice() {
        return mostPerSecond
                .map(most -> (int) Math.max(SMALLEST_SLICE, Math.min(LARGEST_SLICE, most / SLICES)))
                .orElse(LARGEST_SLICE);
    }

    /** How long to pause now, after so many more bytes; to be followed by {@link #paused}. */
    Duration after(long bytes) {
        long now = nanoTime.getAsLong();
        if (isGentle) {
            owed += (long) ((now - resumedAt) * SHARE);
        }
        long wait = owed;
        if (mostPerSecond.isPresent()) {
            freeAt = Math.max(freeAt, now - CATCH_UP) + (long) (bytes * 1e9 / mostPerSecond.get());
            wait = Math.max(wait, freeAt - now);
        }
        resumedAt = now;
        return wait < LEAST ? Duration.ZERO : Duration.ofNanos(wait);
    }

    /** The pause is over. */
    void paused() {
        long now = nanoTime.getAsLong();
        if (isGentle) {
            owed = Math.max(-CATCH_UP, owed - (now - resumedAt));
        }
        resumedAt = now;
    }
}
