package dev.upkeep.common.result;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One figure. The reporter makes {@code upkeep_<name>_<unit>} of it, and adds database, engine and executor as labels itself.
 *
 * @param name snake case without the unit, such as {@code table_size} or {@code purge_deleted}
 * @param unit a Prometheus base unit: {@code bytes}, {@code seconds}, {@code ratio}; or a plural noun such as {@code rows}
 * @param kind whether the value is a level, or an amount to be added to a counter
 * @param labels at most 6, of bounded variety: a table's name is fine, a time or an id is not
 */
public record Measurement(String name, String unit, Kind kind, double value, Map<String, String> labels) {
    private static final Pattern SNAKE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");

    /** What the value is. */
    public enum Kind {
        /** A level at one time. */
        GAUGE,
        /** An amount that this command did. */
        COUNT
    }

    public Measurement {
        Check.text("name", name, SNAKE, "must be snake_case");
        Check.text("unit", unit, SNAKE, "must be snake_case");
        Check.present("kind", kind);
        if (!Double.isFinite(value) || (kind == Kind.COUNT && value < 0)) {
            throw new InvalidValue(name, Double.toString(value), "must be finite, and a count not negative");
        }
        labels = Check.map("labels", labels);
        if (labels.size() > 6) {
            throw new InvalidValue(name + ".labels", labels.keySet().toString(), "must be at most 6");
        }
        labels.keySet().forEach(key -> Check.text(name + ".labels", key, SNAKE, "must be snake_case"));
    }

    /** A level. */
    public static Measurement gauge(String name, String unit, double value, Map<String, String> labels) {
        return new Measurement(name, unit, Kind.GAUGE, value, labels);
    }

    /** A level that is a whole number; beyond 2^53 it is rounded. */
    public static Measurement gauge(String name, String unit, long value, Map<String, String> labels) {
        return gauge(name, unit, (double) value, labels);
    }

    /** A level of the database as a whole, as a whole number. */
    public static Measurement gauge(String name, String unit, long value) {
        return gauge(name, unit, value, Map.of());
    }

    /** An amount done, as a whole number. */
    public static Measurement count(String name, String unit, long value, Map<String, String> labels) {
        return count(name, unit, (double) value, labels);
    }

    /** A level of the database as a whole. */
    public static Measurement gauge(String name, String unit, double value) {
        return gauge(name, unit, value, Map.of());
    }

    /** An amount done. */
    public static Measurement count(String name, String unit, double value, Map<String, String> labels) {
        return new Measurement(name, unit, Kind.COUNT, value, labels);
    }
}
