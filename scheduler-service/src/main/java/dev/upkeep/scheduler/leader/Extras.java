package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.firing.ExtraRuns;
import dev.upkeep.scheduler.firing.Overdue;
import dev.upkeep.scheduler.firing.Reactions;
import dev.upkeep.scheduler.policy.LateJoiners;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Future;

/**
 * Runs beyond the schedule: answers to findings, runs for databases that joined late, and records of runs that are missing. Each
 * is decided from runs, registrations and results alone, so that a new leader goes on where the last one stopped. For one thread.
 */
final class Extras {
    private static final Duration GATHER = Duration.ofSeconds(1);

    private final World world;
    private final Writer writer;
    private final Opening opening;
    private final Reactions reactions = new Reactions();
    private final Pace gather = new Pace();
    private final Instant began;
    private final Map<RunId, Long> seen = new HashMap<>();
    private final Queue<Run> made = new ArrayDeque<>();
    private final Planner planner;
    private Optional<Future<Run>> planning = Optional.empty();

    Extras(World world, Writer writer, Planner planner, Instant began) {
        this.planner = planner;
        this.world = world;
        this.writer = writer;
        this.opening = new Opening(world, writer);
        this.began = began;
        reactions.recall(world.book().all());
    }

    /** Notices what results have found; to be called before they are applied. */
    void note(List<Result> results, List<Control> controls, Instant now) {
        results.stream()
                .filter(world.book()::isAskedFor)
                .forEach(result -> reactions.note(result, world.policies().inForce(), world.fleet(), controls, now));
    }

    /** Whether all findings so far have been answered: their results may count as done then. */
    boolean isAnswered() {
        return reactions.isEmpty() && made.isEmpty();
    }

    /** Answers what is due, and writes what was made; whether there is more to do at once. */
    boolean step(List<Control> controls, Instant now) {
        answer(controls, now);
        planning.flatMap(Planner::soon).ifPresent(run -> {
            planning = Optional.empty();
            if (run.tally().databases() > 0) {
                made.add(run);
            }
        });
        if (!made.isEmpty() && writer.isAhead(List.of(made.element()), now)) {
            Emission emission = new Emission();
            opening.add(made.element(), emission, controls, now);
            if (writer.write(emission, now)) {
                made.remove();
            }
        }
        return !made.isEmpty();
    }

    private boolean isIdle() {
        return made.isEmpty() && planning.isEmpty();
    }

    /** Answers the findings that are due, those of one policy by one run. */
    private void answer(List<Control> controls, Instant now) {
        if (reactions.isEmpty() || !gather.isDue()) {
            return;
        }
        for (PolicyName name : List.copyOf(reactions.due().keySet())) {
            Optional<Policy> policy = world.policies()
                    .inForce()
                    .find(name)
                    .filter(found -> found.schedule().onFinding().isPresent());
            if (policy.isEmpty()) {
                reactions.drop(name);
                continue;
            }
            Map<DatabaseId, String> why = Map.copyOf(reactions.due().getOrDefault(name, Map.of()));
            RunId id = id(policy.get(), "finding", now);
            Run run =
                    extras(controls).answer(policy.get(), id, why, world.book().busy(name), now);
            made.add(run);
            reactions.given(run);
            world.metrics().answered(run.head().status() == RunState.Status.ACCEPTED ? "run" : "proposed");
        }
        gather.pause(GATHER);
    }

    /** Gives runs to databases that registered after the newest firing of their policy, while that may still start. */
    void joinLate(List<Control> controls, Instant now) {
        long changes = world.fleet().changes();
        for (Policy policy : world.policies().inForce().all()) {
            if (isIdle() && policy.schedule().lateJoiners().equals(Optional.of(LateJoiners.RUN))) {
                world.book()
                        .lastFiring(policy.name())
                        .flatMap(last -> world.book().find(RunId.of(policy.name(), last)))
                        .filter(firing -> !isSeen(firing, changes) && isOpenFor(firing, now))
                        .ifPresent(firing -> joinLate(policy, firing, changes, controls, now));
            }
        }
        seen.keySet().removeIf(id -> world.book().find(id).isEmpty());
    }

    private static boolean isOpenFor(Run firing, Instant now) {
        boolean ran = firing.head().status() == RunState.Status.ACCEPTED
                || firing.head().status() == RunState.Status.ENDED;
        boolean stopped = firing.head().reasons().stream().anyMatch(reason -> reason.code() == Code.CANCELLED)
                || firing.targets().stream()
                        .flatMap(target -> target.reasons().stream())
                        .anyMatch(reason -> reason.code() == Code.ROLLOUT_STOPPED);
        return ran
                && !stopped
                && !firing.isWithoutDetails()
                && firing.head()
                        .validity()
                        .filter(times -> now.isBefore(times.startBy()))
                        .isPresent();
    }

    private boolean isSeen(Run firing, long changes) {
        return seen.getOrDefault(firing.head().id(), -1L) == changes;
    }

    private void joinLate(Policy policy, Run firing, long changes, List<Control> controls, Instant now) {
        RunId id = id(policy, "late", now);
        planning = Optional.of(planner.begin(() -> {
            Set<DatabaseId> known = known(policy, firing);
            return extras(controls)
                    .late(
                            policy,
                            id,
                            firing,
                            database -> !known.contains(database),
                            world.book().busy(policy.name()),
                            now);
        }));
        seen.put(firing.head().id(), changes);
    }

    /** The databases of this firing, and of those that joined it late. */
    private Set<DatabaseId> known(Policy policy, Run firing) {
        Set<DatabaseId> known = new HashSet<>();
        for (Run run : world.book().all()) {
            if (run.head().plan().policy().equals(Optional.of(policy.name()))
                    && run.head().asOf().equals(firing.head().asOf())) {
                run.targets().forEach(target -> known.add(target.database()));
            }
        }
        return known;
    }

    /** For each policy that asks for it, whether it is overdue; writes that down once per time that it allows. */
    Map<String, Boolean> missing(List<Control> controls, Instant now) {
        List<Run> runs = world.book().all();
        Map<String, Boolean> overdue = new HashMap<>();
        for (Policy policy : world.policies().inForce().all()) {
            Optional<Overdue> state = Overdue.of(policy, runs, began);
            state.ifPresent(found -> overdue.put(policy.name().text(), found.isAt(now)));
            if (isIdle()
                    && state.filter(found -> found.isAt(now) && found.isToBeSaid(now))
                            .isPresent()) {
                Overdue late = state.get();
                RunId id = id(policy, Overdue.KIND, now);
                planning = Optional.of(
                        planner.begin(() -> extras(controls).missing(policy, id, late.since(), late.most(), now)));
            }
        }
        return overdue;
    }

    private RunId id(Policy policy, String kind, Instant now) {
        return ExtraRuns.id(
                policy,
                kind,
                now,
                id -> world.book().find(id).isPresent()
                        || made.stream().anyMatch(run -> run.head().id().equals(id)));
    }

    private ExtraRuns extras(List<Control> controls) {
        return new ExtraRuns(new Freezer(world.fleet().executors(), controls));
    }
}
