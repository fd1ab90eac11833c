package dev.upkeep.scheduler.run;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.run.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a firing or a request wants done, before its databases are known. */
public record WorkOrder(
        RunId id,
        Origin origin,
        Instant asOf,
        Validity validity,
        boolean dryRun,
        Optional<String> planHash,
        Selector select,
        List<Step> steps,
        RunPlan plan) {

    RunHead head(RunState.Status status, List<dev.upkeep.common.result.Reason> reasons, Instant at) {
        return new RunHead(id, origin, status, reasons, asOf, at, Optional.of(validity), dryRun, planHash, steps, plan);
    }
}
