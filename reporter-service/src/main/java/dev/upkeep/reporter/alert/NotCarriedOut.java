package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.result.Ending.End;
import dev.upkeep.reporter.result.Ends;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last command of a policy, or of any request, for a database never came to its first task: executor offline, expired,
 * outside its window. Over when the next one starts; for requests, which nobody need repeat, also after a while.
 *
 * @param outcomes offline, expired, outside-window, rejected, contended, failed and interrupted if empty
 * @param forgetRequestsAfter a day if absent
 */
record NotCarriedOut(List<Outcome> outcomes, Optional<Duration> forgetRequestsAfter) implements Trigger {
    private static final List<Outcome> BAD = List.of(
            Outcome.OFFLINE,
            Outcome.EXPIRED,
            Outcome.OUTSIDE_WINDOW,
            Outcome.REJECTED,
            Outcome.CONTENDED,
            Outcome.FAILED,
            Outcome.INTERRUPTED);

    NotCarriedOut {
        outcomes = Check.list("outcomes", outcomes);
        outcomes = outcomes.isEmpty() ? BAD : outcomes;
        forgetRequestsAfter.ifPresent(time -> Check.positive("forgetRequestsAfter", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Duration forget = forgetRequestsAfter.orElse(Duration.ofDays(1));
        return facts.endings().stream()
                .map(ending -> ending.last())
                .filter(end -> !end.started() && outcomes.contains(end.outcome()))
                .filter(end -> !end.subject().equals(Ends.REQUEST)
                        || end.at().plus(forget).isAfter(facts.now()))
                .map(NotCarriedOut::holding)
                .toList();
    }

    private static Holding holding(End end) {
        boolean request = end.subject().equals(Ends.REQUEST);
        String what = request ? "request " + end.run() : end.subject().substring(Ends.POLICY.length());
        return Holding.onDatabase(
                end.database(),
                request ? Map.of() : Map.of("policy", what),
                what + " was not carried out on " + end.database() + ": " + EnumText.of(end.outcome()),
                "Command " + end.command() + " for executor " + end.executor() + " ended at " + end.at()
                        + " without starting"
                        + end.reason().map(reason -> ": " + reason).orElse("") + ".");
    }

    @Override
    public boolean isExplainable() {
        return true;
    }
}
