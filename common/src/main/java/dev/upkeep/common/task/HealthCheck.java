package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Looks at everything that can be wrong with a database, in one read-only session.
 *
 * @param profile how deep; quick if absent
 * @param thresholds limits by check name, in the check's own unit (see docs/health-checks.md), over the built-in ones
 */
public record HealthCheck(Optional<Profile> profile, Map<String, Limits> thresholds) implements Task {
    private static final Pattern CHECK = Pattern.compile("[a-z][a-z0-9-]{0,63}");

    /** How deep to look. */
    public enum Profile {
        /** Costs little however large the database is. */
        QUICK,
        /** Also what must read the data, such as SQLite's quick_check. */
        FULL
    }

    /** When to warn and when to call it critical; absent keeps the limit of the level below. */
    public record Limits(Optional<Double> warning, Optional<Double> critical) {
        public Limits {
            warning.ifPresent(value -> finite("warning", value));
            critical.ifPresent(value -> finite("critical", value));
            if (warning.isEmpty() && critical.isEmpty()) {
                throw new InvalidValue("thresholds", "{}", "must give warning, critical, or both");
            }
        }

        private static void finite(String field, double value) {
            if (!Double.isFinite(value)) {
                throw new InvalidValue(field, Double.toString(value), "must be finite");
            }
        }
    }

    public HealthCheck {
        thresholds = Check.map("thresholds", thresholds);
        thresholds.keySet().forEach(name -> Check.text("thresholds", name, CHECK, "must be a check's name"));
    }

    /** The quick look with the limits of the executor. */
    public static HealthCheck quick() {
        return new HealthCheck(Optional.of(Profile.QUICK), Map.of());
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return profile.isPresent() && profile.get() == Profile.FULL;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was looked at; what is wrong is in the findings. */
    public record Report(int checks, int critical, int warnings, Map<String, String> facts) {}
}
