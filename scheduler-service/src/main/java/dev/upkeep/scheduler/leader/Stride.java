package dev.upkeep.scheduler.leader;

import java.time.Duration;

/**
 * How much goes into one transaction, steered by the time that transactions take: on a busy machine or broker less goes into
 * each, so that a round stays short and requests and results have their turn. For one thread.
 */
final class Stride {
    private static final Duration GOAL = Duration.ofMillis(40);

    private final int least;
    private final int most;
    private double size;

    Stride(int least, int most) {
        this.least = least;
        this.most = most;
        this.size = (least + most) / 2.0;
    }

    int size() {
        return (int) size;
    }

    /** Learns that so much took so long; what was far less than asked for says nothing. */
    void took(int done, Duration time) {
        if (done * 2 < size) {
            return;
        }
        double change = (double) GOAL.toNanos() / Math.max(1, time.toNanos());
        size = Math.max(least, Math.min(most, size * Math.max(0.5, Math.min(1.2, change))));
    }
}
