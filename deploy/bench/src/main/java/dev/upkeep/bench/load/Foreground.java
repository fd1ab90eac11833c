package dev.upkeep.bench.load;

import dev.upkeep.bench.report.Latencies;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * An application at work: some sessions, each with one small transaction at fixed moments, whether or not the one before took long. A
 * latency counts from the moment at which the transaction was due, so that one long stall is not seen as one slow transaction only.
 */
public final class Foreground implements AutoCloseable {
    private static final int MOST = 1_000_000;

    private final Duration period;
    private final List<Thread> sessions = new ArrayList<>();
    private final long[] dueAt = new long[MOST];
    private final long[] took = new long[MOST];
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Instant wall = Instant.now();
    private final long start = System.nanoTime();
    private volatile boolean isOver;
    private int count;

    /** One transaction of the application. */
    public interface Step {
        void run(int turn) throws SQLException;
    }

    /** Makes a session's transactions. */
    public interface Steps {
        Step on(Connection connection, int session) throws SQLException;
    }

    /** Opens a session. */
    public interface Opening {
        Connection open() throws SQLException;
    }

    public Foreground(int sessions, Duration period, Opening opening, Steps steps) throws SQLException {
        this.period = period;
        for (int i = 0; i < sessions; i++) {
            Connection connection = opening.open();
            Step step = steps.on(connection, i);
            long offset = period.toNanos() * i / sessions;
            Thread thread = new Thread(() -> work(connection, step, offset), "application-" + i);
            thread.setDaemon(true);
            this.sessions.add(thread);
        }
        this.sessions.forEach(Thread::start);
    }

    private void work(Connection connection, Step step, long offset) {
        try (connection) {
            for (int turn = 0; !isOver; turn++) {
                long due = start + offset + period.toNanos() * turn;
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                step.run(turn);
                add(due, System.nanoTime() - due);
            }
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        }
    }

    private synchronized void add(long due, long nanos) {
        if (count < MOST) {
            dueAt[count] = due;
            took[count++] = nanos;
        }
    }

    /** The latencies of the transactions that were due between two moments. */
    public synchronized Latencies between(Instant from, Instant to) {
        long first = start + Duration.between(wall, from).toNanos();
        long last = start + Duration.between(wall, to).toNanos();
        return new Latencies(IntStream.range(0, count)
                .filter(i -> dueAt[i] >= first && dueAt[i] < last)
                .mapToLong(i -> took[i]));
    }

    @Override
    public void close() throws SQLException {
        isOver = true;
        try {
            for (Thread session : sessions) {
                session.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw new SQLException("the application failed", failure.get());
        }
    }
}
