package dev.upkeep.scheduler.leader;

import java.time.Duration;

/**
 * When something may be done again, by the time that passes: a clock that is set does not matter to it. For one thread.
 */
final class Pace {
    private long next = System.nanoTime();

    boolean isDue() {
        return System.nanoTime() - next >= 0;
    }

    void pause(Duration time) {
        next = System.nanoTime() + time.toNanos();
    }
}
