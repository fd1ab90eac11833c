package dev.upkeep.bench.report;

import java.util.Collection;
import java.util.stream.LongStream;

/** How long transactions took. Immutable. */
public final class Latencies {
    private final long[] sorted;

    /** @param nanos in any order */
    public Latencies(LongStream nanos) {
        sorted = nanos.sorted().toArray();
    }

    /** All of these as one. */
    public static Latencies together(Collection<Latencies> parts) {
        return new Latencies(parts.stream().flatMapToLong(part -> LongStream.of(part.sorted)));
    }

    /** In milliseconds; NaN if there are none. */
    public double percentile(double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))] / 1e6;
    }
}
