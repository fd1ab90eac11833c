package dev.upkeep.common;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands until it is set. Thread-safe. */
public final class SteppingClock extends Clock {
    private volatile Instant now;

    /** Stands at this instant. */
    public SteppingClock(Instant now) {
        this.now = now;
    }

    /** Sets it, forward or back. */
    public void set(Instant to) {
        now = to;
    }

    /** Sets it forward. */
    public synchronized void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
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
