package dev.upkeep.scheduler.firing;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunHead;
import dev.upkeep.scheduler.run.RunPlan;
import dev.upkeep.scheduler.run.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Makes runs of policies that no firing gave: answers to findings, runs for databases that joined late, and the record that a
 * policy has had no good run for too long. Their ids name policy, kind and moment: {@code nightly-late-20261121T021700Z}. Pure.
 */
public final class ExtraRuns {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Freezer freezer;

    /** With what freezes databases. */
    public ExtraRuns(Freezer freezer) {
        this.freezer = freezer;
    }

    /** An id that is not taken: the moment's, or that of the next free second. */
    public static RunId id(Policy policy, String kind, Instant moment, Predicate<RunId> isTaken) {
        Instant at = moment;
        RunId id = named(policy, kind, at);
        while (isTaken.test(id)) {
            at = at.plusSeconds(1);
            id = named(policy, kind, at);
        }
        return id;
    }

    private static RunId named(Policy policy, String kind, Instant moment) {
        return RunId.ofRequest(policy.name() + "-" + kind + "-" + MOMENT.format(moment));
    }

    /**
     * The answer to findings: a run over these databases, or a proposal of one.
     *
     * @param why what was found on each
     */
    public Run answer(Policy policy, RunId id, Map<DatabaseId, String> why, Map<DatabaseId, Run> busy, Instant now) {
        boolean acts =
                policy.schedule().onFinding().map(answer -> answer.isActing()).orElse(false);
        String first = why.values().iterator().next() + (why.size() > 1 ? ", and on other databases" : "");
        Origin origin =
                new Origin(Origin.Kind.POLICY, policy.name().text(), Optional.empty(), Optional.of("finding " + first));
        Validity validity = policy.validity(now).orElseGet(() -> policy.validityNow(now));
        RunPlan plan = PolicyRuns.plan(policy, Optional.empty()).asReaction();
        WorkOrder order = PolicyRuns.order(policy, id, origin, now, validity, policy.dryRun(), plan);
        Run run = freezer.freeze(order, PolicyRuns.left(policy, busy), why::containsKey, now);
        return acts ? run : proposal(run, policy, why, now);
    }

    private static Run proposal(Run run, Policy policy, Map<DatabaseId, String> why, Instant now) {
        Reason proposed = new Reason(
                Code.PROPOSED,
                "proposed, not sent: policy " + policy.name() + " would run on "
                        + run.tally().databases()
                        + " databases; order its tasks for them by a request, or set onFinding.act: run");
        List<Target> targets = run.targets().stream()
                .map(target -> target.status() == Target.Status.ENDED
                        ? target
                        : target.ended(
                                Outcome.SKIPPED,
                                List.of(new Reason(Code.PROPOSED, "finding " + why.get(target.database()))),
                                now))
                .toList();
        RunHead head = run.head();
        RunState.Status status = head.status() == RunState.Status.ACCEPTED ? RunState.Status.SKIPPED : head.status();
        List<Reason> reasons = head.status() == RunState.Status.ACCEPTED ? List.of(proposed) : head.reasons();
        return Run.of(
                new RunHead(
                        head.id(),
                        head.origin(),
                        status,
                        reasons,
                        head.asOf(),
                        now,
                        head.validity(),
                        head.dryRun(),
                        head.planHash(),
                        head.steps(),
                        head.plan()),
                targets);
    }

    /** A run for databases that registered after this firing had frozen its own, with what is left of its time. */
    public Run late(
            Policy policy, RunId id, Run firing, Predicate<DatabaseId> joined, Map<DatabaseId, Run> busy, Instant now) {
        Validity times = firing.head().validity().orElseThrow();
        Instant from = now.isAfter(times.notBefore()) ? now : times.notBefore();
        Validity validity = new Validity(from, times.startBy(), times.finishBy());
        Origin origin = new Origin(
                Origin.Kind.POLICY,
                policy.name().text(),
                Optional.empty(),
                Optional.of("registered after run " + firing.head().id() + " had begun"));
        RunPlan plan = PolicyRuns.plan(policy, Optional.empty()).withoutSpread();
        WorkOrder order = PolicyRuns.order(policy, id, origin, firing.head().asOf(), validity, policy.dryRun(), plan);
        return freezer.freeze(order, PolicyRuns.left(policy, busy), joined, now);
    }

    /** The record that a policy has had no good run for longer than it allows: every database that it selects has missed one. */
    public Run missing(Policy policy, RunId id, Instant since, Duration most, Instant now) {
        Origin origin = new Origin(Origin.Kind.POLICY, policy.name().text(), Optional.empty(), Optional.empty());
        WorkOrder order = PolicyRuns.order(
                policy, id, origin, now, new Validity(now, now, now), false, PolicyRuns.plan(policy, Optional.empty()));
        Run selected = freezer.freeze(order, Map.of(), now);
        Reason reason = new Reason(
                Code.TOO_LATE,
                "missing: policy " + policy.name() + " has had no good run since " + since
                        + ", and alertIfMissing allows " + most);
        List<Target> targets = selected.targets().stream()
                .map(target -> target.ended(Outcome.EXPIRED, List.of(reason), now))
                .toList();
        return Run.of(
                new RunHead(
                        id,
                        origin,
                        RunState.Status.ENDED,
                        List.of(reason),
                        now,
                        now,
                        selected.head().validity(),
                        false,
                        Optional.empty(),
                        policy.tasks(),
                        selected.head().plan()),
                targets);
    }
}
