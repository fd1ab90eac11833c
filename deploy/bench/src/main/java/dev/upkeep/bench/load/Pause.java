package dev.upkeep.bench.load;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting while the application works. */
public final class Pause {
    private Pause() {}

    /** Returns after this time. */
    public static void of(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
