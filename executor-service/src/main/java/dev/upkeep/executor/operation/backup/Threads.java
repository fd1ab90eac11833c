package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What two threads that share one piece of work owe each other: an end, and the failure. */
final class Threads {
    private Threads() {}

    /** Waits for the end of a thread, whatever happens meanwhile. */
    static void joinUninterrupted(Thread thread) {
        boolean wasInterrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws what another thread threw, if it did. */
    static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure != null) {
            throw new IOException("interrupted", failure);
        }
    }
}
