package dev.upkeep.scheduler.leader;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock on which a minute passes in each second (or as {@code upkeep.test.speed} says), the same in every process that knows its beginning. */
final class FastClock extends Clock {
    static final int SPEED = Integer.getInteger("upkeep.test.speed", 60);

    private final long began;

    FastClock(long beganMillis) {
        this.began = beganMillis;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(began + (System.currentTimeMillis() - began) * SPEED);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
