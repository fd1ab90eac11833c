package dev.upkeep.common;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The checks that values make when they are built; each failure is an {@link InvalidValue} with field, value and rule. */
public final class Check {
    private Check() {}

    /** Refuses an absent value. */
    public static <T> T present(String field, @Nullable T value) {
        if (value == null) {
            throw new InvalidValue(field, "absent", "is required");
        }
        return value;
    }

    /** Refuses an absent text, or one that does not match; {@code rule} says in words what the pattern wants. */
    public static String text(String field, @Nullable String value, Pattern pattern, String rule) {
        String text = present(field, value);
        if (!pattern.matcher(text).matches()) {
            throw new InvalidValue(field, text, rule);
        }
        return text;
    }

    /** Refuses an absent or blank text, one longer than {@code max} characters, and one with control characters. */
    public static String line(String field, @Nullable String value, int max) {
        String text = present(field, value);
        if (text.isBlank() || text.length() > max) {
            throw new InvalidValue(field, text, "must be 1 to " + max + " characters");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidValue(field, text, "must not contain control characters");
        }
        return text;
    }

    /** Refuses a number outside {@code [least, most]}. */
    public static long between(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InvalidValue(field, Long.toString(value), "must be between " + least + " and " + most);
        }
        return value;
    }

    /** Refuses a share outside {@code [0, 1]}, not-a-number among them. */
    public static double share(String field, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new InvalidValue(field, Double.toString(value), "must be between 0 and 1");
        }
        return value;
    }

    /** Refuses an absent, zero or negative duration, and one of more than 100 years. */
    public static Duration positive(String field, @Nullable Duration value) {
        Duration duration = present(field, value);
        if (duration.isZero() || duration.isNegative() || duration.compareTo(Duration.ofDays(36_525)) > 0) {
            throw new InvalidValue(field, duration.toString(), "must be longer than zero and at most 100 years");
        }
        return duration;
    }

    /** Copies the list; an absent list is an empty one, an absent element is refused. */
    public static <T> List<T> list(String field, @Nullable List<T> values) {
        if (values == null) {
            return List.of();
        }
        values.forEach(value -> present(field, value));
        return List.copyOf(values);
    }

    /** Copies the list; refuses an absent or empty one. */
    public static <T> List<T> notEmpty(String field, @Nullable List<T> values) {
        List<T> copy = list(field, values);
        if (copy.isEmpty()) {
            throw new InvalidValue(field, "[]", "must name at least one");
        }
        return copy;
    }

    /** Copies the map in key order; an absent map is an empty one. */
    public static <V> Map<String, V> map(String field, @Nullable Map<String, V> values) {
        if (values == null) {
            return Map.of();
        }
        values.forEach((key, value) -> present(field + "." + key, value));
        return java.util.Collections.unmodifiableMap(new TreeMap<>(values));
    }
}
