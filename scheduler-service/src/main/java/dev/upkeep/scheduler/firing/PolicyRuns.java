package dev.upkeep.scheduler.firing;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.policy.Missed;
import dev.upkeep.scheduler.policy.Overlap;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunHead;
import dev.upkeep.scheduler.run.RunPlan;
import dev.upkeep.scheduler.run.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes runs of policies: at a firing, or when a person says now. Pure. */
public final class PolicyRuns {
    /** A firing seen later than this counts as missed. */
    static final Duration ON_TIME = Duration.ofSeconds(60);

    private final Freezer freezer;
    private final Collection<Control> controls;

    /** With the controls in force. */
    public PolicyRuns(Freezer freezer, Collection<Control> controls) {
        this.freezer = freezer;
        this.controls = controls;
    }

    /**
     * The run of a firing, which may be a skipped one.
     *
     * @param busy databases on which earlier runs of the policy are not done, with the run
     */
    public Run fire(Firing firing, Map<DatabaseId, Run> busy, Instant now) {
        Policy policy = firing.policy();
        RunId id = RunId.of(policy.name(), firing.nominal());
        Origin origin = new Origin(Origin.Kind.POLICY, policy.name().text(), Optional.empty(), Optional.empty());
        Optional<Reason> against = against(policy);
        if (against.isPresent()) {
            return skipped(policy, id, origin, firing, against.get(), now);
        }
        boolean late = firing.nominal().plus(ON_TIME).isBefore(now);
        Missed missed = policy.schedule().missed().orElse(Missed.WINDOW);
        Optional<Validity> validity = policy.validity(late && missed == Missed.RUN ? now : firing.nominal());
        if (late && missed == Missed.SKIP) {
            return skipped(policy, id, origin, firing, missedReason(firing, "skips what was missed", now), now);
        }
        if (validity.isEmpty() && late && missed == Missed.RUN) {
            validity = Optional.of(policy.validityNow(now));
        }
        if (validity.isEmpty()) {
            Reason closed = new Reason(Code.WINDOW_CLOSED, "the window is closed at " + firing.nominal());
            return skipped(policy, id, origin, firing, closed, now);
        }
        if (now.isAfter(validity.get().startBy())) {
            return skipped(
                    policy,
                    id,
                    origin,
                    firing,
                    missedReason(firing, "had to start by " + validity.get().startBy(), now),
                    now);
        }
        WorkOrder order = order(
                policy, id, origin, firing.nominal(), validity.get(), policy.dryRun(), plan(policy, Optional.empty()));
        return freezer.freeze(order, left(policy, busy), now);
    }

    /** The run of a policy that comes after another one, whose run this is; skipped if that one was, or may not be. */
    public Run chain(Policy policy, Run before, Map<DatabaseId, Run> busy, Instant now) {
        RunId id = RunId.of(policy.name(), before.head().asOf());
        Origin origin = new Origin(Origin.Kind.POLICY, policy.name().text(), Optional.empty(), Optional.empty());
        Firing firing = new Firing(policy, before.head().asOf(), 0);
        Optional<Reason> against = against(policy);
        if (against.isEmpty() && (before.isOver() || before.head().validity().isEmpty())) {
            String why = "run " + before.head().id() + " is "
                    + EnumText.of(before.head().status());
            against = Optional.of(new Reason(Code.PREDECESSOR_FAILED, why));
        }
        if (against.isPresent()) {
            return skipped(policy, id, origin, firing, against.get(), now);
        }
        Optional<Validity> validity =
                policy.validityAfter(before.head().validity().orElseThrow());
        if (validity.isEmpty()) {
            Reason closed = new Reason(Code.WINDOW_CLOSED, "the window is closed at " + firing.nominal());
            return skipped(policy, id, origin, firing, closed, now);
        }
        boolean any = policy.schedule().after().orElseThrow().any();
        RunPlan plan = plan(policy, Optional.of(new RunPlan.Link(before.head().id(), any)));
        WorkOrder order = order(policy, id, origin, before.head().asOf(), validity.get(), policy.dryRun(), plan);
        return freezer.freeze(order, left(policy, busy), now);
    }

    private Optional<Reason> against(Policy policy) {
        return policy.paused()
                ? Optional.of(new Reason(Code.PAUSED, "the policy's file says paused: true"))
                : Controls.againstFiring(controls, policy.name());
    }

    /** The run of a policy that a person wants now; window and pauses of the policy do not matter, its databases' state does. */
    public Run runNow(
            Policy policy,
            RunId id,
            Origin origin,
            boolean dryRun,
            RunPlan request,
            Map<DatabaseId, Run> busy,
            Instant now) {
        RunPlan plan = plan(policy, Optional.empty()).withoutSpread().askedFor(request.digest(), request.traceparent());
        WorkOrder order = order(policy, id, origin, now, policy.validityNow(now), dryRun || policy.dryRun(), plan);
        return freezer.freeze(order, left(policy, busy), now);
    }

    static WorkOrder order(
            Policy policy, RunId id, Origin origin, Instant asOf, Validity validity, boolean dryRun, RunPlan plan) {
        return new WorkOrder(
                id, origin, asOf, validity, dryRun, Optional.empty(), policy.select(), policy.tasks(), plan);
    }

    /** The databases that a new run leaves out, with the run that holds them. */
    static Map<DatabaseId, String> left(Policy policy, Map<DatabaseId, Run> busy) {
        Map<DatabaseId, String> left = new HashMap<>();
        Overlap overlap = policy.schedule().overlap().orElse(Overlap.SKIP);
        busy.forEach((database, run) -> {
            boolean waits = overlap == Overlap.QUEUE && run.tally().sent() > 0;
            if (overlap == Overlap.SKIP || (overlap == Overlap.QUEUE && !waits)) {
                left.put(database, run.head().id().text());
            }
        });
        return left;
    }

    static RunPlan plan(Policy policy, Optional<RunPlan.Link> after) {
        return new RunPlan(
                Optional.empty(),
                Optional.of(policy.name()),
                policy.schedule().spread(),
                policy.schedule().overlap(),
                policy.rollout(),
                policy.retry(),
                policy.pauseAfter(),
                after,
                false,
                Optional.empty(),
                Optional.empty());
    }

    private static Reason missedReason(Firing firing, String why, Instant now) {
        return new Reason(
                Code.TOO_LATE,
                "missed: no scheduler was running at its time, it was noticed at " + now + ", and the policy " + why
                        + (firing.others() > 0 ? "; " + firing.others() + " earlier firings were missed too" : ""));
    }

    private static Run skipped(Policy policy, RunId id, Origin origin, Firing firing, Reason reason, Instant now) {
        RunHead head = new RunHead(
                id,
                origin,
                RunState.Status.SKIPPED,
                List.of(reason),
                firing.nominal(),
                now,
                Optional.empty(),
                policy.dryRun(),
                Optional.empty(),
                policy.tasks(),
                plan(policy, Optional.empty()));
        return Run.of(head, List.of());
    }
}
