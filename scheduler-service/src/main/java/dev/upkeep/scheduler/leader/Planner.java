package dev.upkeep.scheduler.leader;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Works out large runs beside the leader's thread, which goes on with its rounds meanwhile. What it works out changes nothing by
 * itself: the leader's thread takes it up and writes it. For one caller.
 */
final class Planner implements AutoCloseable {
    private static final long SOON_MILLIS = 10;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "upkeep-planner");
        made.setDaemon(true);
        return made;
    });

    <T> Future<T> begin(Supplier<T> plan) {
        return thread.submit(plan::get);
    }

    /** What was worked out, after a moment's wait at most, so that small fleets are served at once; empty if it takes longer. */
    static <T> Optional<T> soon(Future<T> plan) {
        try {
            return Optional.of(plan.get(SOON_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("planning came to grief", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
