package dev.upkeep.common.request;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.command.PlanHash;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An ad-hoc order, told apart by its main field: {@code tasks} (do these), {@code policy} (run this policy now) or
 * {@code cancel} (stop this run). Each gets its verdict on the runs topic under its id.
 */
public sealed interface Request {
    /** The request's own id; without one it is named after its place on the topic, and a repeat is a new request. */
    Optional<String> id();

    /** Who asks, as they say; a statement, not a proof. */
    Optional<String> requestedBy();

    /** Why, as they say. */
    Optional<String> reason();

    /** The digest of the databases that were previewed, if the request is bound to them. */
    default Optional<String> targetsHash() {
        return Optional.empty();
    }

    /**
     * Do these tasks.
     *
     * @param startWithin commands start within this of the request's acceptance, or expire; 15 minutes if absent
     * @param finishWithin and stop at this; 4 hours if absent
     * @param planHash from a dry run: purge only if the plan is still the same
     * @param targetsHash from a preview: go ahead only if the databases are still the same
     */
    record Order(
            Optional<String> id,
            Selector select,
            List<Step> tasks,
            boolean dryRun,
            Optional<Duration> startWithin,
            Optional<Duration> finishWithin,
            Optional<String> planHash,
            Optional<String> targetsHash,
            Optional<String> requestedBy,
            Optional<String> reason)
            implements Request {
        public Order {
            id.ifPresent(RunId::ofRequest);
            Check.present("select", select);
            tasks = Check.notEmpty("tasks", tasks);
            Check.between("tasks", tasks.size(), 1, 20);
            startWithin.ifPresent(time -> Check.positive("startWithin", time));
            finishWithin.ifPresent(time -> Check.positive("finishWithin", time));
            planHash.ifPresent(PlanHash::check);
            targetsHash.ifPresent(hash -> PlanHash.check("targetsHash", hash));
            if (startWithin.isPresent()
                    && finishWithin.isPresent()
                    && finishWithin.get().compareTo(startWithin.get()) < 0) {
                throw new InvalidValue(
                        "finishWithin", finishWithin.get().toString(), "must not be shorter than startWithin");
            }
        }
    }

    /**
     * Run this policy now, outside its schedule, on the databases it selects.
     *
     * @param targetsHash from a preview: go ahead only if the databases are still the same
     */
    record RunPolicy(
            Optional<String> id,
            PolicyName policy,
            boolean dryRun,
            Optional<String> targetsHash,
            Optional<String> requestedBy,
            Optional<String> reason)
            implements Request {
        public RunPolicy {
            id.ifPresent(RunId::ofRequest);
            Check.present("policy", policy);
            targetsHash.ifPresent(hash -> PlanHash.check("targetsHash", hash));
        }
    }

    /** Stop this run: what has not been sent is not sent; executors are told to stop what has. */
    record CancelRun(
            Optional<String> id,
            RunId cancel,
            Optional<CommandId> command,
            Optional<String> requestedBy,
            Optional<String> reason)
            implements Request {
        public CancelRun {
            id.ifPresent(RunId::ofRequest);
            Check.present("cancel", cancel);
        }
    }
}
