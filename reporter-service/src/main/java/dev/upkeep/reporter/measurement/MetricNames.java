package dev.upkeep.reporter.measurement;

import dev.upkeep.common.result.Measurement;

/** How measurements are named as Prometheus metrics. */
final class MetricNames {
    private MetricNames() {}

    /** Whether a measurement of this name can be a metric. */
    static boolean isAllowed(String name) {
        return name.length() <= 100 && !name.startsWith("reporter_");
    }

    /** The family's name, without {@code _total}. */
    static String of(String name, String unit, Measurement.Kind kind) {
        String base = name.equals(unit) || name.endsWith("_" + unit) ? name : name + "_" + unit;
        return "upkeep_" + base + (kind == Measurement.Kind.COUNT ? "_total" : "");
    }
}
