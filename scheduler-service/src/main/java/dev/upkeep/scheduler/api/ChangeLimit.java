package dev.upkeep.scheduler.api;

import java.time.Clock;

/** Admits so many calls in each minute of the clock. Thread-safe. */
final class ChangeLimit {
    private final int perMinute;
    private final Clock clock;
    private long minute;
    private int taken;

    ChangeLimit(int perMinute, Clock clock) {
        this.perMinute = perMinute;
        this.clock = clock;
    }

    synchronized boolean admits() {
        long now = Math.floorDiv(clock.instant().getEpochSecond(), 60);
        if (now != minute) {
            minute = now;
            taken = 0;
        }
        return ++taken <= perMinute;
    }
}
