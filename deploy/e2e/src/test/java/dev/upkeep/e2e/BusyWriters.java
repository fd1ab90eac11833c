package dev.upkeep.e2e;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** An application on a SQLite file: two threads that write every few milliseconds, with the usual wait of 5 s for locks, and count what fails. */
final class BusyWriters implements AutoCloseable {
    private static final int THREADS = 2;
    private static final long PAUSE = 4_000_000;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong longest = new AtomicLong();
    private volatile String lastFailure = "none";
    private volatile boolean isOver;

    BusyWriters(Path file, String insert) {
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> write(file, insert), "writer " + i + " of " + file.getFileName());
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    /** What was written so far, what failed, and the longest write. */
    record Count(int writes, int failures, long longestMillis, String lastFailure) {}

    Count count() {
        return new Count(writes.get(), failures.get(), longest.get() / 1_000_000, lastFailure);
    }

    private void write(Path file, String insert) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            statement.execute("PRAGMA synchronous = NORMAL");
            while (!isOver) {
                long begin = System.nanoTime();
                try {
                    statement.executeUpdate(insert);
                    writes.incrementAndGet();
                } catch (SQLException e) {
                    lastFailure = String.valueOf(e.getMessage());
                    failures.incrementAndGet();
                }
                long took = System.nanoTime() - begin;
                longest.accumulateAndGet(took, Math::max);
                LockSupport.parkNanos(PAUSE);
            }
        } catch (SQLException e) {
            lastFailure = String.valueOf(e.getMessage());
            failures.incrementAndGet();
        }
    }

    @Override
    public void close() {
        isOver = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
