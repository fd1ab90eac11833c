package dev.upkeep.executor.operation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One try at a task, as the operation sees it: time, a durable cursor, progress, and the pauses that the application's load
 * asks for. Used by the operation's thread only.
 */
public interface Attempt {
    /** Why to stop now; empty while there is no reason. To be asked between batches and before anything that takes long. */
    Optional<Stop> stop();

    /** When the command must have stopped. */
    Instant finishBy();

    /** The cursor saved by an earlier attempt of this step, or by the last command of the same policy, database and task that ended as partial. */
    Optional<String> cursor();

    /** Makes the cursor durable before it returns. At most 64 KiB of text. */
    void saveCursor(String cursor);

    /** Tells who watches; cheap to call often, as the runner thins it out. */
    void progress(double percent, Optional<Duration> timeLeft, String message);

    /**
     * Registers how to break off what is about to block, such as cancelling a statement; called from another thread when
     * {@link #stop} gets a reason. Close it when the blocking part is over.
     */
    Interruption onStop(Runnable breakOff);

    /**
     * Waits as the load governor asks after a batch that took {@code batch}, and at least {@code pause}; returns early when
     * there is a reason to stop. Never called inside a transaction.
     */
    void yieldToApplication(Duration batch, Duration pause);

    /** The same, since others hold what the next batch needs: who watches is told why. */
    default void giveWay(Duration batch, Duration pause, String why) {
        yieldToApplication(batch, pause);
    }

    /** A registered way of breaking off. */
    interface Interruption extends AutoCloseable {
        @Override
        void close();
    }
}
