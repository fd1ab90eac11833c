package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Severity;
import java.util.Optional;

/**
 * One check with its built-in limits; both engines list theirs as constants, and docs/health-checks.md is held equal to the
 * lists by a test. A limit is reached at the value itself.
 *
 * @param name kebab case, the same on both engines for the same thing; the key by which limits are overridden
 * @param unit of the value and the limits
 * @param bad which side of a limit is bad
 * @param warning built-in limit; empty: never warns unless somebody sets one
 * @param critical built-in limit
 * @param meaning what the value is, in half a sentence
 */
public record CheckRule(
        String name, Unit unit, Side bad, Optional<Double> warning, Optional<Double> critical, String meaning) {
    /** The side of a limit that is bad. */
    public enum Side {
        ABOVE,
        BELOW
    }

    /** Bad from a limit upwards. */
    public static CheckRule above(String name, Unit unit, double warning, double critical, String meaning) {
        return new CheckRule(name, unit, Side.ABOVE, Optional.of(warning), Optional.of(critical), meaning);
    }

    /** Bad from a limit downwards. */
    public static CheckRule below(String name, Unit unit, double warning, double critical, String meaning) {
        return new CheckRule(name, unit, Side.BELOW, Optional.of(warning), Optional.of(critical), meaning);
    }

    /** Never worse than a warning unless somebody sets a critical limit. */
    public static CheckRule warning(String name, Unit unit, Side bad, double warning, String meaning) {
        return new CheckRule(name, unit, bad, Optional.of(warning), Optional.empty(), meaning);
    }

    /** No half-way: critical or fine. */
    public static CheckRule critical(String name, Unit unit, Side bad, double critical, String meaning) {
        return new CheckRule(name, unit, bad, Optional.empty(), Optional.of(critical), meaning);
    }

    /** Reported for information, unless somebody sets limits. */
    public static CheckRule informing(String name, Unit unit, Side bad, String meaning) {
        return new CheckRule(name, unit, bad, Optional.empty(), Optional.empty(), meaning);
    }

    Optional<Double> builtIn(Severity severity) {
        return severity == Severity.CRITICAL ? critical : warning;
    }
}
