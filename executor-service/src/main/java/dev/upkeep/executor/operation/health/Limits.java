package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Severity;
import java.util.Optional;

/** The effective limits of one check for one database or table, each with the place that it comes from. */
public record Limits(CheckRule rule, Optional<Limit> warning, Optional<Limit> critical) {
    /**
     * One limit.
     *
     * @param origin {@code built-in}, {@code executor} or {@code policy}, with what it is for if that is less than all
     */
    public record Limit(double value, String origin) {}

    /** How bad the value is; empty if it is fine. */
    public Optional<Severity> severityOf(double value) {
        if (critical.isPresent() && isBad(value, critical.get())) {
            return Optional.of(Severity.CRITICAL);
        }
        return warning.isPresent() && isBad(value, warning.get()) ? Optional.of(Severity.WARNING) : Optional.empty();
    }

    private boolean isBad(double value, Limit limit) {
        return rule.bad() == CheckRule.Side.ABOVE ? value >= limit.value() : value <= limit.value();
    }

    /** The limit of this severity. */
    public Optional<Limit> of(Severity severity) {
        return severity == Severity.CRITICAL ? critical : severity == Severity.WARNING ? warning : Optional.empty();
    }

    /** Both limits and their origins in words. */
    public String inWords() {
        return words("warning", warning) + ", " + words("critical", critical);
    }

    private String words(String name, Optional<Limit> limit) {
        return name + " "
                + limit.map(l -> rule.unit().say(l.value()) + " (" + l.origin() + ")")
                        .orElse("never");
    }
}
