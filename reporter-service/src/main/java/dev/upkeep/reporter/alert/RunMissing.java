package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.Ends;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A policy that used to come to a database has not for more than twice its interval: no scheduler, or a policy that no longer
 * selects it. Policies that were taken away on purpose are forgotten after a while.
 *
 * @param forgetAfter 14 days if absent
 */
record RunMissing(Optional<Duration> forgetAfter) implements Trigger {
    private static final Duration SLACK = Duration.ofMinutes(5);

    RunMissing {
        forgetAfter.ifPresent(time -> Check.positive("forgetAfter", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Duration forget = forgetAfter.orElse(Duration.ofDays(14));
        return facts.endings().stream()
                .filter(ending -> ending.last().subject().startsWith(Ends.POLICY))
                .filter(ending -> due(ending)
                        .filter(due ->
                                due.isBefore(facts.now()) && due.plus(forget).isAfter(facts.now()))
                        .isPresent())
                .map(RunMissing::holding)
                .toList();
    }

    /** Work may still run when the next is due: counted from when the last one ended, if that is later. */
    private static Optional<Instant> due(Ending ending) {
        return ending.every()
                .flatMap(every -> ending.nominalAt()
                        .map(nominal -> later(nominal, ending.last().at())
                                .plus(every.multipliedBy(2))
                                .plus(SLACK)));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Holding holding(Ending ending) {
        String policy = ending.last().subject().substring(Ends.POLICY.length());
        String database = ending.last().database();
        return Holding.onDatabase(
                database,
                Map.of("policy", policy),
                "policy " + policy + " has not come to " + database + " since "
                        + ending.nominalAt().orElse(ending.last().at()),
                "It used to come every "
                        + ending.every().map(Durations::text).orElse("so often")
                        + ". Look whether a scheduler leads, and whether the policy still selects the database.");
    }

    @Override
    public boolean isExplainable() {
        return true;
    }
}
