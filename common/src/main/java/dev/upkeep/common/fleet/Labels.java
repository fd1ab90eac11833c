package dev.upkeep.common.fleet;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.util.Map;
import java.util.regex.Pattern;

/** The rules of label keys and values, the same for databases, selectors and measurements. */
public final class Labels {
    /** A label's key, such as {@code env} or {@code team}. */
    public static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,62}");

    /** A label's value. */
    public static final Pattern VALUE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_./:@-]{0,127}");

    private Labels() {}

    /** Checks and copies labels; refuses more than 32. */
    public static Map<String, String> checked(
            String field, @org.jspecify.annotations.Nullable Map<String, String> labels) {
        Map<String, String> copy = Check.map(field, labels);
        if (copy.size() > 32) {
            throw new InvalidValue(field, copy.size() + " labels", "must be at most 32");
        }
        copy.forEach((key, value) -> {
            Check.text(field, key, KEY, "a key must be a letter, then up to 62 letters, digits, _ . or -");
            Check.text(field + "." + key, value, VALUE, "must be 1 to 128 letters, digits, _ . / : @ or -");
        });
        return copy;
    }
}
