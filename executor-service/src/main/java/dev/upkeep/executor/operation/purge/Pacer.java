package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import java.time.Duration;

/** Steers the number of rows per transaction so that each takes the target's time, and says how long to pause. */
final class Pacer {
    private static final int FIRST = 100;
    private static final int FAR = 10;
    private static final double FULL = 0.8;

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

    /**
     * Learns from a transaction that removed {@code taken} root rows in {@code took}.
     *
     * @param largest how many rows it removed of the table of which it removed most
     */
    void learn(int taken, Duration took, long largest) {
        if (took.compareTo(target) > 0) {
            double share = Math.max(0.25, (double) target.toNanos() / took.toNanos());
            int before = Math.min(take, taken);
            // a busy moment is no reason to creep from then on
            int least = took.compareTo(target.multipliedBy(FAR)) > 0 ? 1 : Math.min(FIRST, before);
            take = Math.max(least, (int) (before * share));
        } else if (taken >= take) {
            double share = Math.min(2, (double) target.toNanos() / Math.max(1, took.toNanos()));
            take = (int) Math.min(most, Math.max(take + 1, take * share));
        }
        if (largest > taken) {
            // dependants count too: near the limit there is no room to grow
            take = (int) Math.max(1, Math.min(take, FULL * most * taken / largest));
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
