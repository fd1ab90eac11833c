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
import java.util.TreeMap;

/**
 * Decides which commands of a run are sent now: those whose moment has come, within the limits of the rollout. Changes nothing
 * by itself; what it decides counts once it is written.
 */
public final class Dispatch {
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
     */
    public record Dispatched(Run run, List<Command> commands, List<Cancel> cancels, boolean more) {
        static Dispatched of(Run run) {
            return new Dispatched(run, List.of(), List.of(), false);
        }
    }

    /**
     * The run with what is to be sent now. What it costs grows with what is done and with the number of parts, not with the
     * number of databases.
     *
     * @param turns which databases have to wait for other runs
     * @param limit at most so many databases are touched
     */
    public Dispatched due(Run run, Turns turns, int limit) {
        if (run.isOver() || run.tally().planned() == 0) {
            return Dispatched.of(run);
        }
        Rollout rollout = run.head().plan().rollout().orElse(Rollout.AT_ONCE);
        int databases = run.tally().databases();
        if (rollout.stopAfter().isPresent()
                && rollout.stopAfter().get().isReached(run.tally().failures(), databases)) {
            Reason reason = new Reason(
                    Code.ROLLOUT_STOPPED,
                    "stopped after " + run.tally().failures() + " of " + databases + " databases did not end well");
            Run stopped = endPlanned(run, Outcome.SKIPPED, reason, limit).endedIfDone(now);
            return new Dispatched(stopped, List.of(), List.of(), !stopped.isOver());
        }
        Map<Integer, Target> changes = new TreeMap<>();
        List<Command> commands = new ArrayList<>();
        Staging staging = new Staging(run, rollout);
        int wave = staging.waveEnd();
        for (int position = nextPlanned(run, 0);
                position < wave && changes.size() < limit;
                position = nextPlanned(run, position + 1)) {
            Target target = run.target(position);
            Validity validity = run.head().validity().orElseThrow();
            if (now.isAfter(validity.startBy())) {
                Reason reason = new Reason(Code.TOO_LATE, "its turn did not come before " + validity.startBy());
                changes.put(position, target.ended(Outcome.EXPIRED, List.of(reason), now));
                continue;
            }
            if (Retries.due(run.head(), target).isAfter(now)) {
                if (!rollout.isStaged() && run.head().plan().retry().isEmpty()) {
                    break; // the rest comes later still
                }
                continue;
            }
            if (turns.isWaiting(target.database())) {
                continue;
            }
            Optional<Reason> forbidden = turns.barred(target.database()).or(() -> forbidden(run.head(), target));
            if (forbidden.isPresent()) {
                changes.put(position, target.ended(Outcome.SKIPPED, List.of(forbidden.get()), now));
            } else if (staging.admits(target)) {
                changes.put(position, sent(target));
                commands.add(command(run.head(), target));
            }
        }
        return new Dispatched(run.with(changes).endedIfDone(now), commands, List.of(), changes.size() >= limit);
    }

    /** The first planned position at or after this one; the number of databases if there is none. */
    private static int nextPlanned(Run run, int from) {
        int position = from;
        int databases = run.tally().databases();
        while (position < databases) {
            if (run.tallies().get(position / Run.PART).planned() == 0) {
                position = (position / Run.PART + 1) * Run.PART;
            } else if (run.target(position).status() == Target.Status.PLANNED) {
                return position;
            } else {
                position++;
            }
        }
        return databases;
    }

    /** The run, told to stop: unsent databases end, executors hear of the others and answer with results. */
    public Dispatched cancel(Run run, Optional<CommandId> only, Optional<String> by, Optional<String> why) {
        Map<Integer, Target> changes = new TreeMap<>();
        List<Cancel> cancels = new ArrayList<>();
        String message = "cancelled" + by.map(who -> " by " + who).orElse("")
                + why.map(text -> ": " + text).orElse("");
        Reason reason = new Reason(Code.CANCELLED, message);
        for (int position = 0; position < run.tally().databases(); position++) {
            Target target = run.target(position);
            if (only.isPresent() && !only.get().equals(target.command())) {
                continue;
            }
            if (target.status() == Target.Status.PLANNED) {
                changes.put(position, target.ended(Outcome.CANCELLED, List.of(reason), now));
            } else if (target.status() == Target.Status.SENT) {
                cancels.add(new Cancel(target.command(), target.executor(), now, by, why));
            }
        }
        Run stopped = run.with(changes);
        if (only.isEmpty()) {
            List<Reason> reasons = new ArrayList<>(run.head().reasons());
            reasons.add(reason);
            stopped = stopped.with(run.head().status(), reasons, now);
        }
        return new Dispatched(stopped.endedIfDone(now), List.of(), cancels, false);
    }

    private Run endPlanned(Run run, Outcome outcome, Reason reason, int limit) {
        Map<Integer, Target> changes = new TreeMap<>();
        for (int position = nextPlanned(run, 0);
                position < run.tally().databases() && changes.size() < limit;
                position = nextPlanned(run, position + 1)) {
            changes.put(position, run.target(position).ended(outcome, List.of(reason), now));
        }
        return run.with(changes);
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
