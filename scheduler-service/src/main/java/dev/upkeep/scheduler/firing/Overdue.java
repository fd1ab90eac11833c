package dev.upkeep.scheduler.firing;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether a policy has had no good run for longer than it allows.
 *
 * @param since when the last good run began; without one, when the first that is remembered began, or remembering itself did
 * @param most the time that the policy allows
 * @param said when it was last written down that a run is missing
 */
public record Overdue(Instant since, Duration most, Optional<Instant> said) {
    /** The kind of run by which a missing one is written down. */
    public static final String KIND = "missing";

    /**
     * The state of this policy; empty if it does not ask for it.
     *
     * @param runs those that are remembered
     * @param began when remembering began: nothing is called out for what may have happened before
     */
    public static Optional<Overdue> of(Policy policy, List<Run> runs, Instant began) {
        return policy.alertIfMissing().map(most -> {
            List<Run> own = runs.stream()
                    .filter(run -> run.head().plan().policy().equals(Optional.of(policy.name())))
                    .toList();
            Instant first = own.stream()
                    .map(run -> run.head().asOf())
                    .filter(at -> at.isBefore(began))
                    .min(Instant::compareTo)
                    .orElse(began);
            Instant since = own.stream()
                    .filter(Overdue::isGood)
                    .map(run -> run.head().asOf())
                    .max(Instant::compareTo)
                    .orElse(first);
            Optional<Instant> said = own.stream()
                    .filter(run -> run.head().id().text().startsWith(policy.name() + "-" + KIND + "-"))
                    .map(run -> run.head().asOf())
                    .max(Instant::compareTo);
            return new Overdue(since, most, said);
        });
    }

    /** Whether the policy is overdue at this time. */
    public boolean isAt(Instant now) {
        return since.plus(most).isBefore(now);
    }

    /** Whether it must be written down (again): once per time that the policy allows. */
    public boolean isToBeSaid(Instant now) {
        return said.filter(at -> at.isAfter(since) && at.plus(most).isAfter(now))
                .isEmpty();
    }

    private static boolean isGood(Run run) {
        return run.head().status() == RunState.Status.ENDED
                && !run.head().dryRun()
                && run.tally().ended().keySet().stream().anyMatch(Outcome::isGood)
                && run.tally().ended().keySet().stream()
                        .allMatch(outcome -> outcome.isGood() || outcome == Outcome.SKIPPED);
    }
}
