package dev.upkeep.scheduler.firing;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tells which policies have had no good run for longer than they allow. Pure. */
public final class Overdue {
    private Overdue() {}

    /**
     * Whether to call the policy out; empty if it does not ask for it.
     *
     * @param runs those that are remembered
     * @param since when remembering began: nothing is called out for what may have happened before
     */
    public static Optional<Boolean> of(Policy policy, List<Run> runs, Instant since, Instant now) {
        return policy.alertIfMissing()
                .map(most -> runs.stream()
                        .filter(run -> run.head().plan().policy().equals(Optional.of(policy.name())))
                        .filter(Overdue::isGood)
                        .map(run -> run.head().asOf())
                        .reduce(since, (a, b) -> a.isAfter(b) ? a : b)
                        .plus(most)
                        .isBefore(now));
    }

    private static boolean isGood(Run run) {
        return run.head().status() == RunState.Status.ENDED
                && !run.head().dryRun()
                && run.tally().ended().keySet().stream().anyMatch(Outcome::isGood)
                && run.tally().ended().keySet().stream()
                        .allMatch(outcome -> outcome.isGood() || outcome == Outcome.SKIPPED);
    }
}
