package dev.upkeep.executor.run;

import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Stop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Why the work on one command has to stop, and how to break off what it is blocked in. A cancel wins over the deadline, and that
 * over a shutdown. Whoever owns it calls {@link #enforce} a few times a second. Thread-safe.
 */
final class StopSignal {
    private static final Logger LOG = Logger.getLogger(StopSignal.class);

    private final Clock clock;
    private final Instant finishBy;
    private final Map<Object, Runnable> breakOffs = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean isCancelled;
    private volatile boolean isShutdown;
    private volatile Optional<Reason> halted = Optional.empty();

    StopSignal(Clock clock, Instant finishBy) {
        this.clock = clock;
        this.finishBy = finishBy;
    }

    Instant finishBy() {
        return finishBy;
    }

    Optional<Stop> reason() {
        if (isCancelled || halted.isPresent()) {
            return Optional.of(Stop.CANCELLED);
        }
        if (!clock.instant().isBefore(finishBy)) {
            return Optional.of(Stop.DEADLINE);
        }
        return isShutdown ? Optional.of(Stop.SHUTDOWN) : Optional.empty();
    }

    void cancel() {
        isCancelled = true;
        enforce();
    }

    /** Cancelled not by an order but by a guardrail, such as the STOP file. */
    void halt(Reason guardrail) {
        halted = Optional.of(guardrail);
        enforce();
    }

    /** The guardrail that cancelled it. */
    Optional<Reason> halted() {
        return halted;
    }

    void shutDown() {
        isShutdown = true;
        enforce();
    }

    /** If there is a reason to stop, wakes who waits and breaks off what blocks; again and again, as a statement may just have begun. */
    void enforce() {
        if (reason().isEmpty()) {
            return;
        }
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Runnable breakOff : breakOffs.values()) {
            try {
                breakOff.run();
            } catch (RuntimeException e) {
                LOG.debugf("breaking off failed, and will be tried again: %s", e.getMessage());
            }
        }
    }

    Attempt.Interruption onStop(Runnable breakOff) {
        Object registration = new Object();
        breakOffs.put(registration, breakOff);
        return () -> breakOffs.remove(registration);
    }

    /** Waits so long, or until there is a reason to stop. */
    void await(Duration time) {
        long left = time.toNanos();
        lock.lock();
        try {
            while (left > 0 && reason().isEmpty()) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isShutdown = true;
        } finally {
            lock.unlock();
        }
    }
}
