package dev.upkeep.scheduler.run;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Candidate;
import dev.upkeep.scheduler.fleet.Resolver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes a run of an order: freezes its databases, and says of each whether it will be sent or why not. Pure.
 *
 * <p>Databases that will be sent come first, in the order of their moments within the spread, then of their ids; this order is
 * that of canary and waves.
 */
public final class Freezer {
    private static final int REASONS = 5;

    private final Collection<Registration> executors;
    private final Collection<Control> controls;

    /**
     * For the fleet and the controls as they are at one time.
     *
     * @param controls those in force
     */
    public Freezer(Collection<Registration> executors, Collection<Control> controls) {
        this.executors = executors;
        this.controls = controls;
    }

    /**
     * The run; not accepted if no database is left to be sent.
     *
     * @param busy databases to leave out since an earlier run of the same policy is not done with them, and that run
     */
    public Run freeze(WorkOrder order, Map<DatabaseId, String> busy, Instant now) {
        return freeze(order, busy, database -> true, now);
    }

    /** The run over those of its databases that are asked for. */
    public Run freeze(WorkOrder order, Map<DatabaseId, String> busy, Predicate<DatabaseId> only, Instant now) {
        List<Candidate> candidates = Resolver.resolve(order.select(), order.steps(), executors, only, now);
        if (candidates.isEmpty()) {
            return Run.of(order.head(RunState.Status.REJECTED, List.of(nothingSelected(order)), now), List.of());
        }
        record Placed(Target target, Duration offset) {}
        List<Placed> placed = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            Target target = target(order, candidate, busy, now);
            placed.add(new Placed(target, Spread.offset(order.plan(), target.database())));
        }
        placed.sort(Comparator.comparing((Placed one) -> one.target().status() == Target.Status.ENDED)
                .thenComparing(Placed::offset)
                .thenComparing(one -> one.target().database()));
        List<Target> targets = placed.stream().map(Placed::target).toList();
        Run run = Run.of(head(order, targets, now), targets);
        run.find(targets.get(0).database()); // works out the places now, on the thread that has the time
        return run;
    }

    private Target target(WorkOrder order, Candidate candidate, Map<DatabaseId, String> busy, Instant now) {
        if (candidate.refusal().isPresent()) {
            return ended(order, candidate, Outcome.REJECTED, candidate.refusal().get(), now);
        }
        Optional<Reason> forbidden = Controls.againstStart(
                controls, order.plan().policy(), candidate.executor().executor(), candidate.database(), order.steps());
        if (forbidden.isPresent()) {
            return ended(order, candidate, Outcome.SKIPPED, forbidden.get(), now);
        }
        String earlier = busy.get(candidate.database().id());
        if (earlier != null) {
            Reason reason = new Reason(Code.OVERLAP, "run " + earlier + " is not done with this database");
            return ended(order, candidate, Outcome.SKIPPED, reason, now);
        }
        return new Target(
                candidate.database().id(),
                candidate.executor().executor(),
                CommandId.of(order.id(), candidate.database().id()),
                Target.Status.PLANNED,
                Optional.empty(),
                candidate.note().stream().toList(),
                Optional.empty(),
                Optional.empty());
    }

    private static Target ended(WorkOrder order, Candidate candidate, Outcome outcome, Reason reason, Instant now) {
        return new Target(
                candidate.database().id(),
                candidate.executor().executor(),
                CommandId.of(order.id(), candidate.database().id()),
                Target.Status.ENDED,
                Optional.of(outcome),
                List.of(reason),
                Optional.empty(),
                Optional.of(now));
    }

    private static RunHead head(WorkOrder order, List<Target> targets, Instant now) {
        if (targets.get(0).status() != Target.Status.ENDED) {
            return order.head(RunState.Status.ACCEPTED, List.of(), now);
        }
        boolean refused = targets.stream().allMatch(target -> target.outcome().equals(Optional.of(Outcome.REJECTED)));
        List<Reason> reasons = targets.stream()
                .flatMap(target -> target.reasons().stream())
                .distinct()
                .limit(REASONS)
                .toList();
        return order.head(refused ? RunState.Status.REJECTED : RunState.Status.SKIPPED, reasons, now);
    }

    private Reason nothingSelected(WorkOrder order) {
        long databases = executors.stream().mapToLong(e -> e.databases().size()).sum();
        Set<String> known = executors.stream()
                .flatMap(executor -> executor.databases().stream())
                .flatMap(database -> database.labels().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> unknown = order.select().labels().stream()
                .map(rule -> rule.key())
                .filter(key -> !known.contains(key))
                .distinct()
                .toList();
        String hint = unknown.isEmpty()
                ? ""
                : "; no database has the label " + String.join(", ", unknown) + ", labels in use are: "
                        + (known.isEmpty() ? "none" : known.stream().limit(30).collect(Collectors.joining(", ")));
        return new Reason(
                Code.EMPTY_SELECTION, "select: none of the " + databases + " registered databases is meant" + hint);
    }
}
