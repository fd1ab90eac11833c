package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import java.time.Duration;

/** Steers the number of rows per transaction so that each takes the target's time, and says how long to pause. */
final class Pacer {
    private static final int FIRST = 100;

    private final Duration target;
    private final int most;
    private final boolean isGentle;
    private int take;

    Pacer(Duration target, int most, Purge.Pace pace) {
        this.target = target;
        this.most = most;
        this.isGentle = pace == Purge.Pace.GENTLE;
        this.take = Math.min(FIRST, most);
    }

    /** How many root rows the next transaction may take. */
    int take() {
        return take;
    }

    /** Learns from a transaction that removed {@code taken} root rows in {@code took}. */
    void learn(int taken, Duration took) {
        if (took.compareTo(target) > 0) {
            double share = Math.max(0.25, (double) target.toNanos() / took.toNanos());
            take = Math.max(1, (int) (Math.min(take, taken) * share));
        } else if (taken >= take) {
            double share = Math.min(2, (double) target.toNanos() / Math.max(1, took.toNanos()));
            take = (int) Math.min(most, Math.max(take + 1, take * share));
        }
    }

    /** The last transaction was too large or met someone else: much smaller now. */
    void shrink() {
        take = Math.max(1, take / 4);
    }

    /** The pause that the pace asks for after a transaction. */
    Duration pause(Duration took) {
        return isGentle ? took : Duration.ZERO;
    }
}
