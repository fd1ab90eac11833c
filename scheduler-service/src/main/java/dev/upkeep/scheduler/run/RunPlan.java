package dev.upkeep.scheduler.run;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.scheduler.policy.Overlap;
import dev.upkeep.scheduler.policy.Retry;
import dev.upkeep.scheduler.policy.Rollout;
import java.time.Duration;
import java.util.Optional;

/**
 * What the scheduler must remember of a run beyond its public state, so that a new leader goes on as the old one would have,
 * even if the policy has changed since. Travels as a header of the run state's first part.
 *
 * @param digest of the request's content, to tell a repeat from a conflict
 * @param policy whose run it is
 * @param after the run that must end on a database before this one touches it
 * @param stop who told the run to stop; what is left of it ends step by step
 * @param reaction whether the run answers a finding; it is then remembered for as long as its policy's cooldown may last
 * @param traceparent passed on to the commands
 */
public record RunPlan(
        Optional<String> digest,
        Optional<PolicyName> policy,
        Optional<Duration> spread,
        Optional<Overlap> overlap,
        Optional<Rollout> rollout,
        Optional<Retry> retry,
        Optional<Integer> pauseAfter,
        Optional<Link> after,
        boolean reaction,
        Optional<String> traceparent,
        Optional<Stop> stop) {
    /**
     * The run before in a chain of policies.
     *
     * @param any whether a bad end will do as well
     */
    public record Link(RunId run, boolean any) {}

    /** An order to stop, and who gave it why. */
    public record Stop(Optional<String> by, Optional<String> why) {
        public Stop {
            by = by.map(InvalidValue::shown);
            why = why.map(InvalidValue::shown);
        }
    }

    /** The header that carries it. */
    public static final String HEADER = "upkeep_plan";

    /** Nothing special. */
    public static final RunPlan NONE = new RunPlan(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty());

    /** The plan of a request with this content. */
    public static RunPlan ofRequest(String digest, Optional<String> traceparent) {
        return NONE.askedFor(Optional.of(digest), traceparent);
    }

    /** The same, of a run that a request with this content asked for. */
    public RunPlan askedFor(Optional<String> request, Optional<String> trace) {
        return with(request, spread, reaction, trace, stop);
    }

    /** The same, of a run that answers a finding. */
    public RunPlan asReaction() {
        return with(digest, spread, true, traceparent, stop);
    }

    /** The same without a spread: each database starts at once. */
    public RunPlan withoutSpread() {
        return with(digest, Optional.empty(), reaction, traceparent, stop);
    }

    /** The same, of a run that was told to stop. */
    RunPlan stoppedBy(Stop order) {
        return with(digest, spread, reaction, traceparent, Optional.of(order));
    }

    private RunPlan with(
            Optional<String> newDigest,
            Optional<Duration> newSpread,
            boolean isReaction,
            Optional<String> newTraceparent,
            Optional<Stop> newStop) {
        return new RunPlan(
                newDigest,
                policy,
                newSpread,
                overlap,
                rollout,
                retry,
                pauseAfter,
                after,
                isReaction,
                newTraceparent,
                newStop);
    }
}
