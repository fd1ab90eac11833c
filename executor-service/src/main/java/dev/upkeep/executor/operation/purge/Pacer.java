package dev.upkeep.executor.operation.purge;

import java.time.Duration;

/** Steers the number of rows per transaction so that each takes the target's time, and says how long to pause. */
final class Pacer {
    private static final int FIRST = 100;
    /** Fewer rows are not quicker, as a transaction's own cost and a busy machine's delays remain, unless they are very slow. */
    private static final int FEW = 1_000;

    private static final int FAR = 4;
    private static final double HELPED = 0.75;
    private static final double FULL = 0.8;
    private static final int GENTLE_GROWTH = 2;
    private static final int FAST_GROWTH = 8;
    /** How far one transaction changes the estimate: less if it took longer than expected, as a busy moment is no reason to creep. */
    private static final double IF_QUICKER = 0.7;

    private static final double IF_SLOWER = 0.3;
    private static final double MOST_NEWS = 8;

    private final Session.Rhythm rhythm;
    private int take;
    private double nanosPerRow;
    private int shrunkFrom;
    private long shrunkTook;

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
        double slowness = (double) took.toNanos() / rhythm.target().toNanos();
        if (slowness > 1 || taken >= take) {
            observe((double) Math.max(1, took.toNanos()) / taken);
            double wanted = rhythm.target().toNanos() / nanosPerRow;
            double growth = isGentle() ? GENTLE_GROWTH : FAST_GROWTH;
            double few = (double) FEW * taken / Math.max(taken, largest);
            boolean isInVain = take < shrunkFrom && took.toNanos() > HELPED * shrunkTook;
            if (slowness > FAR && isInVain) {
                // what takes so long is not the rows
                take = shrunkFrom;
                shrunkFrom = 0;
            } else if (slowness > FAR) {
                shrunkFrom = take;
                shrunkTook = took.toNanos();
                take = (int) (take * Math.max(0.25, 1 / slowness));
            } else if (take < few) {
                take = (int) Math.min(Math.max(few, wanted), take * growth);
            } else {
                take = (int) Math.max(few, Math.min(wanted, take * growth));
            }
            take = (int) Math.max(1, Math.min(take, most));
        }
        if (largest > taken) {
            // dependants count too: near the limit there is no room to grow
            take = (int) Math.max(1, Math.min(take, FULL * (double) most * taken / largest));
        }
    }

    private void observe(double nanos) {
        if (nanosPerRow == 0) {
            nanosPerRow = nanos;
            return;
        }
        double news = Math.max(1 / MOST_NEWS, Math.min(MOST_NEWS, nanos / nanosPerRow));
        nanosPerRow *= Math.pow(news, news < 1 ? IF_QUICKER : IF_SLOWER);
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
