package dev.upkeep.scheduler.run;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Decides which commands of a run are sent now: those whose moment has come, within the limits of the rollout. Changes nothing
 * by itself; what it decides counts once it is written.
 */
public final class Dispatch {
    /** The most databases that one step looks at, whether it touches them or not. */
    static final int LOOKS = 10_000;

    private final Fleet fleet;
    private final Collection<Control> controls;
    private final Instant now;

    /**
     * For one moment.
     *
     * @param controls those in force
     */
    public Dispatch(Fleet fleet, Collection<Control> controls, Instant now) {
        this.fleet = fleet;
        this.controls = controls;
        this.now = now;
    }

    /**
     * A run and what is sent to executors with its next state.
     *
     * @param more whether it was cut at the limit, so that there may be more to do at once
     * @param next from which position to look on; 0 if all were looked at
     */
    public record Dispatched(Run run, List<Command> commands, List<Cancel> cancels, boolean more, int next) {
        static Dispatched of(Run run) {
            return new Dispatched(run, List.of(), List.of(), false, 0);
        }
    }

    /** The run with what is to be sent now, looking from its first database on. */
    public Dispatched due(Run run, Turns turns, int limit) {
        return due(run, turns, 0, limit);
    }

    /**
     * The run with what is to be sent now. What it costs grows with what is done and with the number of parts, not with the
     * number of databases; where each has to be looked at, so many are that a moment is enough.
     *
     * @param turns which databases have to wait for other runs
     * @param from the position to look from; what comes before was looked at a moment ago
     * @param limit at most so many databases are touched
     */
    public Dispatched due(Run run, Turns turns, int from, int limit) {
        if (run.isOver()) {
            return Dispatched.of(run);
        }
        if (run.isStopping()) {
            return stopping(run, limit);
        }
        if (run.tally().planned() == 0) {
            return Dispatched.of(run);
        }
        Rollout rollout = run.head().plan().rollout().orElse(Rollout.AT_ONCE);
        int databases = run.tally().databases();
        if (rollout.stopAfter().isPresent()
                && rollout.stopAfter().get().isReached(run.tally().failures(), databases)) {
            Reason reason = new Reason(
                    Code.ROLLOUT_STOPPED,
                    "stopped after " + run.tally().failures() + " of " + databases + " databases did not end well");
            return stopRollout(run, reason, limit);
        }
        Slice slice = new Slice(limit);
        List<Command> commands = new ArrayList<>();
        Staging staging = new Staging(run, rollout);
        int wave = staging.waveEnd();
        int looks = LOOKS;
        int position = nextPlanned(run, from);
        for (; position < wave && looks > 0 && slice.hasRoomFor(position); position = nextPlanned(run, position + 1)) {
            looks--;
            Target target = run.target(position);
            Validity validity = run.head().validity().orElseThrow();
            if (now.isAfter(validity.startBy())) {
                Reason reason = new Reason(Code.TOO_LATE, "its turn did not come before " + validity.startBy());
                slice.put(position, target.ended(Outcome.EXPIRED, List.of(reason), now));
                continue;
            }
            if (Retries.due(run.head(), target).isAfter(now)) {
                if (!rollout.isStaged() && run.head().plan().retry().isEmpty()) {
                    position = wave; // the rest comes later still
                    break;
                }
                continue;
            }
            if (turns.isWaiting(target.database())) {
                continue;
            }
            Optional<Reason> forbidden = turns.barred(target.database()).or(() -> forbidden(run.head(), target));
            if (forbidden.isPresent()) {
                slice.put(position, target.ended(Outcome.SKIPPED, List.of(forbidden.get()), now));
            } else if (staging.admits(target)) {
                slice.put(position, sent(target));
                commands.add(command(run.head(), target));
            }
        }
        int next = position < wave ? position : 0;
        return new Dispatched(run.with(slice.changes()).endedIfDone(now), commands, List.of(), slice.isCut(), next);
    }

    /** The first planned position at or after this one; the number of databases if there is none. */
    private static int nextPlanned(Run run, int from) {
        return next(run, from, Tally::planned, target -> target.status() == Target.Status.PLANNED);
    }

    /** The first position at or after this one that has not ended; the number of databases if there is none. */
    private static int nextOpen(Run run, int from) {
        return next(run, from, Tally::open, target -> target.status() != Target.Status.ENDED);
    }

    private static int next(Run run, int from, ToIntFunction<Tally> count, Predicate<Target> isMeant) {
        int position = from;
        int databases = run.tally().databases();
        while (position < databases) {
            if (count.applyAsInt(run.tallies().get(position / Run.PART)) == 0) {
                position = (position / Run.PART + 1) * Run.PART;
            } else if (isMeant.test(run.target(position))) {
                return position;
            } else {
                position++;
            }
        }
        return databases;
    }

    /**
     * The run, told to stop: unsent databases end, executors hear of the others and answer with results. What exceeds the limit
     * is left to {@link #due}, by whoever leads then: the order is part of the run's state.
     */
    public Dispatched stop(Run run, RunPlan.Stop order, int limit) {
        if (run.isOver() || run.isStopping()) {
            return Dispatched.of(run);
        }
        Run told = run.told(order, reason(order), now);
        Dispatched first = stopping(told, limit);
        // the end of a large run may bring more of its parts along than one transaction should hold
        return first.run().isOver() && run.parts().size() > Slice.PARTS
                ? new Dispatched(told, List.of(), List.of(), true, 0)
                : first;
    }

    /** The run, of which one command is told to stop. */
    public Dispatched stop(Run run, RunPlan.Stop order, CommandId only) {
        if (run.isOver()) {
            return Dispatched.of(run);
        }
        for (int position = 0; position < run.tally().databases(); position++) {
            Target target = run.target(position);
            if (only.equals(target.command()) && target.status() == Target.Status.PLANNED) {
                Target ended = target.ended(Outcome.CANCELLED, List.of(reason(order)), now);
                Run stopped = run.with(Map.of(position, ended)).endedIfDone(now);
                return new Dispatched(stopped, List.of(), List.of(), false, 0);
            }
            if (only.equals(target.command()) && target.status() == Target.Status.SENT) {
                Run told = run.with(Map.of(position, told(target, reason(order))));
                return new Dispatched(told, List.of(), List.of(cancel(target, order)), false, 0);
            }
        }
        return Dispatched.of(run);
    }

    /** Goes on with a run that was told to stop: no database is told twice. */
    private Dispatched stopping(Run run, int limit) {
        RunPlan.Stop order = run.head().plan().stop().orElseThrow();
        Reason reason = reason(order);
        Slice slice = new Slice(limit);
        List<Cancel> cancels = new ArrayList<>();
        for (int position = nextOpen(run, 0);
                position < run.tally().databases();
                position = nextOpen(run, position + 1)) {
            Target target = run.target(position);
            boolean planned = target.status() == Target.Status.PLANNED;
            if (!planned && isTold(target)) {
                continue;
            }
            if (!slice.hasRoomFor(position)) {
                break;
            }
            if (planned) {
                slice.put(position, target.ended(Outcome.CANCELLED, List.of(reason), now));
            } else {
                slice.put(position, told(target, reason));
                cancels.add(cancel(target, order));
            }
        }
        return new Dispatched(run.with(slice.changes()).endedIfDone(now), List.of(), cancels, slice.isCut(), 0);
    }

    private static Reason reason(RunPlan.Stop order) {
        return new Reason(
                Code.CANCELLED,
                "cancelled" + order.by().map(who -> " by " + who).orElse("")
                        + order.why().map(text -> ": " + text).orElse(""));
    }

    private Cancel cancel(Target target, RunPlan.Stop order) {
        return new Cancel(target.command(), target.executor(), now, order.by(), order.why());
    }

    private static boolean isTold(Target target) {
        return target.reasons().stream().anyMatch(reason -> reason.code() == Code.CANCELLED);
    }

    private static Target told(Target target, Reason reason) {
        return new Target(
                target.database(),
                target.executor(),
                target.command(),
                target.status(),
                target.outcome(),
                List.of(reason),
                target.sentAt(),
                target.endedAt());
    }

    private Dispatched stopRollout(Run run, Reason reason, int limit) {
        Slice slice = new Slice(limit);
        int databases = run.tally().databases();
        for (int position = nextPlanned(run, 0);
                position < databases && slice.hasRoomFor(position);
                position = nextPlanned(run, position + 1)) {
            slice.put(position, run.target(position).ended(Outcome.SKIPPED, List.of(reason), now));
        }
        return new Dispatched(run.with(slice.changes()).endedIfDone(now), List.of(), List.of(), slice.isCut(), 0);
    }

    private Optional<Reason> forbidden(RunHead head, Target target) {
        if (controls.isEmpty()) {
            return Optional.empty();
        }
        Optional<RegisteredDatabase> database = fleet.find(target.executor()).stream()
                .flatMap(executor -> executor.databases().stream())
                .filter(candidate -> candidate.id().equals(target.database()))
                .findFirst();
        return database.flatMap(
                found -> Controls.againstStart(controls, head.plan().policy(), target.executor(), found, head.steps()));
    }

    private Target sent(Target target) {
        return new Target(
                target.database(),
                target.executor(),
                target.command(),
                Target.Status.SENT,
                Optional.empty(),
                target.reasons(),
                Optional.of(now),
                Optional.empty());
    }

    private Command command(RunHead head, Target target) {
        return new Command(
                target.command(),
                head.id(),
                head.origin(),
                target.database(),
                target.executor(),
                head.asOf(),
                now,
                head.validity().orElseThrow(),
                head.dryRun(),
                head.planHash(),
                head.steps());
    }

    /** The limits of a rollout against what is at work already. */
    private final class Staging {
        private final Run run;
        private final Rollout rollout;
        private final Set<String> groups = new HashSet<>();
        private int atWork;

        Staging(Run run, Rollout rollout) {
            this.run = run;
            this.rollout = rollout;
            this.atWork = run.tally().sent();
            if (rollout.group().isPresent()) {
                run.targets().stream()
                        .filter(target -> target.status() == Target.Status.SENT)
                        .forEach(target -> group(target).ifPresent(groups::add));
            }
        }

        /** The end of the first wave that is not over. */
        int waveEnd() {
            int from = 0;
            for (int end : rollout.waveEnds(run.tally().databases())) {
                for (int position = from; position < end; position++) {
                    if (position % Run.PART == 0
                            && run.tallies().get(position / Run.PART).open() == 0) {
                        position += Run.PART - 1;
                    } else if (run.target(position).status() != Target.Status.ENDED) {
                        return end;
                    }
                }
                from = end;
            }
            return from;
        }

        boolean admits(Target target) {
            if (rollout.maxParallel().isPresent()
                    && atWork >= rollout.maxParallel().get()) {
                return false;
            }
            Optional<String> group = group(target);
            if (group.isPresent() && !groups.add(group.get())) {
                return false;
            }
            atWork++;
            return true;
        }

        private Optional<String> group(Target target) {
            return rollout.group().flatMap(label -> fleet.label(target.executor(), target.database(), label));
        }
    }
}
