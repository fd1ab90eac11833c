package dev.upkeep.scheduler.run;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is true of a run as a whole; see {@link RunState} for the fields. */
public record RunHead(
        RunId id,
        Origin origin,
        RunState.Status status,
        List<Reason> reasons,
        Instant asOf,
        Instant at,
        Optional<Validity> validity,
        boolean dryRun,
        Optional<String> planHash,
        List<Step> steps,
        RunPlan plan) {

    RunHead with(RunState.Status newStatus, List<Reason> newReasons, Instant newAt) {
        return new RunHead(id, origin, newStatus, newReasons, asOf, newAt, validity, dryRun, planHash, steps, plan);
    }

    RunHead with(RunPlan newPlan) {
        return new RunHead(id, origin, status, reasons, asOf, at, validity, dryRun, planHash, steps, newPlan);
    }

    RunHead refused(Reason reason, Instant when) {
        return new RunHead(
                id,
                origin,
                RunState.Status.REJECTED,
                List.of(reason),
                asOf,
                when,
                Optional.empty(),
                dryRun,
                Optional.empty(),
                List.of(),
                plan);
    }

    static RunHead of(RunState state, RunPlan plan) {
        return new RunHead(
                state.run(),
                state.origin(),
                state.status(),
                state.reasons(),
                state.asOf(),
                state.at(),
                state.validity(),
                state.dryRun(),
                state.planHash(),
                state.steps(),
                plan);
    }
}
