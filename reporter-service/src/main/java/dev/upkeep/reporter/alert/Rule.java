package dev.upkeep.reporter.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.upkeep.common.Check;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One alert rule, as the rules file states it.
 *
 * @param name kebab case; part of the fingerprint, so renaming resolves and fires anew
 * @param severity of its alerts; warning if absent
 * @param atLeast how long it must hold before it fires; at once if absent
 * @param resolveAfter how long it must be gone before it resolves; at once if absent
 * @param select only on these databases; all if absent
 * @param when what it watches for
 */
record Rule(
        String name,
        Optional<Severity> severity,
        @JsonProperty("for") Optional<Duration> atLeast,
        Optional<Duration> resolveAfter,
        Optional<Selector> select,
        Trigger when) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    Rule {
        Check.text("name", name, NAME, "must be 1 to 63 lower-case letters, digits or dashes, a letter first");
        Check.present("when", when);
    }

    /** What holds now of what it watches for. */
    List<Holding> check(Facts facts) {
        return when.check(facts).stream()
                .filter(holding -> select.isEmpty()
                        || holding.database()
                                .flatMap(facts::stated)
                                .filter(stated -> select.get().matches(stated.executor(), stated.database()))
                                .isPresent())
                .map(holding -> holding.explainedIf(when.isExplainable()
                        && holding.database().map(facts::isUnderControl).orElse(false)))
                .toList();
    }
}
