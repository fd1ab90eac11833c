package dev.upkeep.scheduler.api;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs as the API shows them. */
final class RunView {
    private RunView() {}

    /** One run in a list. */
    public record Line(
            String run,
            Origin origin,
            RunState.Status status,
            List<Reason> reasons,
            Instant asOf,
            boolean dryRun,
            int databases,
            int planned,
            int sent,
            Map<Outcome, Integer> ended) {
        static Line of(Run run) {
            return new Line(
                    run.head().id().text(),
                    run.head().origin(),
                    run.head().status(),
                    run.head().reasons(),
                    run.head().asOf(),
                    run.head().dryRun(),
                    run.tally().databases(),
                    run.tally().planned(),
                    run.tally().sent(),
                    run.tally().ended());
        }
    }

    /** One run with a page of its databases; of runs long over, the databases are only in the reporter's history. */
    public record Detail(
            String run,
            Origin origin,
            RunState.Status status,
            List<Reason> reasons,
            Instant asOf,
            Optional<Validity> validity,
            boolean dryRun,
            List<Step> tasks,
            int databases,
            int planned,
            int sent,
            Map<Outcome, Integer> ended,
            List<Target> targets) {
        static Detail of(Run run, int limit, int offset) {
            List<Target> all = run.targets();
            return new Detail(
                    run.head().id().text(),
                    run.head().origin(),
                    run.head().status(),
                    run.head().reasons(),
                    run.head().asOf(),
                    run.head().validity(),
                    run.head().dryRun(),
                    run.head().steps(),
                    run.tally().databases(),
                    run.tally().planned(),
                    run.tally().sent(),
                    run.tally().ended(),
                    all.subList(Math.min(offset, all.size()), Math.min(offset + limit, all.size())));
        }
    }
}
