package dev.upkeep.executor.operation.health;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The storage parameters of one table, as {@code pg_class.reloptions} holds them. */
final class StorageOptions {
    private static final Set<String> OFF = Set.of("false", "f", "off", "no", "n", "0");

    private final Map<String, String> options = new HashMap<>();

    StorageOptions(@Nullable String joined) {
        if (joined != null) {
            for (String option : joined.split(",", -1)) {
                int at = option.indexOf('=');
                if (at > 0) {
                    options.put(option.substring(0, at), option.substring(at + 1));
                }
            }
        }
    }

    /** A parameter's number, if it is set. */
    Optional<Double> number(String name) {
        return Optional.ofNullable(options.get(name)).map(Double::valueOf);
    }

    /** Whether autovacuum is switched off for the table. */
    boolean disabled() {
        String enabled = options.get("autovacuum_enabled");
        return enabled != null && OFF.contains(enabled);
    }
}
