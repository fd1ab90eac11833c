package dev.upkeep.executor.operation;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A named place where tests let the executor die as by {@code kill -9}: {@code -Dfault.at=after-claim:2} halts the JVM when it
 * comes to {@code after-claim} for the second time. Without the property it costs one comparison. Thread-safe.
 */
public final class CrashPoint {
    private static final String NAME;
    private static final AtomicInteger LEFT;

    static {
        String[] parts = System.getProperty("fault.at", "").split(":", 2);
        NAME = parts[0];
        LEFT = new AtomicInteger(parts.length == 2 ? Integer.parseInt(parts[1]) : 1);
    }

    private CrashPoint() {}

    /** Dies here if the test says so. */
    public static void hit(String name) {
        if (!NAME.isEmpty() && NAME.equals(name) && LEFT.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(137);
        }
    }
}
