package dev.upkeep.executor.operation.health;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares how fast a database grows with its usual rate, a moving average over the checks that this process made. Says nothing
 * until it has seen {@link #ENOUGH} of them.
 */
final class Growth {
    static final String BYTES = "bytes";
    private static final String RATE = "growth rate";
    private static final String SEEN = "growth samples";
    private static final double ENOUGH = 5;
    private static final double WEIGHT = 0.2;
    private static final double LEAST_RATE = 100;
    private static final Duration LEAST = Duration.ofMillis(10);

    private Growth() {}

    /** Growth since the last check in bytes, and as a multiple of the usual. */
    record Pace(double bytes, double multiple) {}

    /** The figures to remember beside the size. */
    static Map<String, Double> figures(Optional<HealthMemory.Sample> before, HealthMemory.Sample now) {
        Map<String, Double> figures = new HashMap<>(now.figures());
        figures.put(SEEN, 0.0);
        before.ifPresent(earlier -> rate(earlier, now).ifPresent(rate -> {
            double seen = earlier.figures().getOrDefault(SEEN, 0.0);
            double usual = earlier.figures().getOrDefault(RATE, rate);
            figures.put(RATE, usual + WEIGHT * (rate - usual));
            figures.put(SEEN, seen + 1);
        }));
        return figures;
    }

    /** How the growth since the earlier sample compares; empty while too little is known. */
    static Optional<Pace> pace(HealthMemory.Sample earlier, HealthMemory.Sample now) {
        Double usual = earlier.figures().get(RATE);
        if (usual == null || earlier.figures().getOrDefault(SEEN, 0.0) < ENOUGH) {
            return Optional.empty();
        }
        return rate(earlier, now)
                .map(rate -> new Pace(now.since(earlier, BYTES).orElse(0.0), rate / Math.max(usual, LEAST_RATE)));
    }

    private static Optional<Double> rate(HealthMemory.Sample earlier, HealthMemory.Sample now) {
        Duration between = Duration.between(earlier.at(), now.at());
        if (between.compareTo(LEAST) < 0) {
            return Optional.empty();
        }
        double grown = now.since(earlier, BYTES).orElse(0.0);
        return Optional.of(grown / (between.toMillis() / 1000.0));
    }
}
