package dev.upkeep.executor.operation.purge;

import java.time.Duration;

/** Steers the number of rows per transaction so that each takes the target's time, and says how long to pause. */
final class Pacer {
    private static final int FIRST = 100;
    private static final int FAR = 10;
    private static final double FULL = 0.8;
    private static final int GENTLE_GROWTH = 2;
    private static final int FAST_GROWTH = 8;

    private final Session.Rhythm rhythm;
    private int take;

    /**
     * @param most how many rows the first transaction may take
     */
    Pacer(Session.Rhythm rhythm, int most) {
        this.rhythm = rhythm;
        this.take = Math.min(FIRST, most);
    }

    /** How many root rows the next transaction may take. */
    int take() {
        return take;
    }

    /**
     * Learns from a transaction that passed {@code taken} root rows in {@code took}.
     *
     * @param largest how many rows it removed of the table of which it removed most
     * @param most how many one like it may remove
     */
    void learn(int taken, Duration took, long largest, long most) {
        Duration target = rhythm.target();
        if (took.compareTo(target) > 0) {
            double share = Math.max(0.25, (double) target.toNanos() / took.toNanos());
            int before = Math.min(take, taken);
            // a busy moment is no reason to creep from then on
            long few = Math.max(1, (long) FIRST * taken / Math.max(1, Math.max(taken, largest)));
            int least = took.compareTo(target.multipliedBy(FAR)) > 0 ? 1 : (int) Math.min(few, before);
            take = Math.max(least, (int) (before * share));
        } else if (taken >= take) {
            double share = Math.min(
                    isGentle() ? GENTLE_GROWTH : FAST_GROWTH, (double) target.toNanos() / Math.max(1, took.toNanos()));
            take = (int) Math.min((double) most, Math.max(take + 1, take * share));
        }
        if (largest > taken) {
            // dependants count too: near the limit there is no room to grow
            take = (int) Math.max(1, Math.min(take, FULL * (double) most * taken / largest));
        }
    }

    /** The last transaction was too large or met someone else: much smaller now. */
    void shrink() {
        take = Math.max(1, take / 4);
    }

    /** The pause that the pace asks for after a transaction. */
    Duration pause(Duration took) {
        Duration pause = Duration.ofNanos((long) ((double) took.toNanos() * rhythm.times()));
        return pause.compareTo(rhythm.pause()) > 0 ? pause : rhythm.pause();
    }

    private boolean isGentle() {
        return rhythm.times() > 0;
    }
}
