package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.task.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A named schedule: which databases, when, in which window, which tasks in order, how to roll out. docs/policies.md describes
 * each key. A policy that could not be carried out cannot be built.
 *
 * @param startWithin commands start within this of the firing (and its spread), or expire; 1 hour if absent, and the window's
 *     end if there is a window
 * @param finishWithin and stop at this; 4 hours if absent, and never later than the window's end
 * @param alertIfMissing call it out when no run of the policy has ended well for so long
 * @param pauseAfter pause the policy for a database on which it failed so many times in a row
 * @param paused it does not fire
 */
public record Policy(
        PolicyName name,
        Optional<String> description,
        Optional<String> owner,
        Selector select,
        Schedule schedule,
        Optional<Window> window,
        List<Step> tasks,
        Optional<Duration> startWithin,
        Optional<Duration> finishWithin,
        Optional<Rollout> rollout,
        Optional<Retry> retry,
        Optional<Duration> alertIfMissing,
        Optional<Integer> pauseAfter,
        boolean dryRun,
        boolean paused) {
    /** The longest that a command may take. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private static final Duration START = Duration.ofHours(1);
    private static final Duration FINISH = Duration.ofHours(4);
    private static final Duration DESTRUCTIVE_GAP = Duration.ofHours(1);
    private static final Instant SAMPLE = Instant.parse("2024-01-01T00:00:00Z");

    public Policy {
        Check.present("name", name);
        description.ifPresent(text -> Check.line("description", text, 500));
        owner.ifPresent(text -> Check.line("owner", text, 128));
        Check.present("select", select);
        Check.present("schedule", schedule);
        tasks = Check.notEmpty("tasks", tasks);
        Check.between("tasks", tasks.size(), 1, 20);
        startWithin.ifPresent(time -> bounded("startWithin", time));
        finishWithin.ifPresent(time -> bounded("finishWithin", time));
        if (startWithin.isPresent()
                && finishWithin.isPresent()
                && finishWithin.get().compareTo(startWithin.get()) < 0) {
            throw new InvalidValue(
                    "finishWithin", finishWithin.get().toString(), "must not be shorter than startWithin");
        }
        alertIfMissing.ifPresent(time -> Check.positive("alertIfMissing", time));
        if (alertIfMissing.isPresent() && schedule.onFinding().isPresent()) {
            throw new InvalidValue(
                    "alertIfMissing",
                    alertIfMissing.get().toString(),
                    "is not for policies with onFinding: nobody knows when a finding is due");
        }
        pauseAfter.ifPresent(count -> Check.between("pauseAfter", count, 1, 1_000));
        checkFirings(schedule, window, tasks);
    }

    private static void bounded(String field, Duration time) {
        if (Check.positive(field, time).compareTo(LONGEST) > 0) {
            throw new InvalidValue(field, time.toString(), "must be at most 7 d");
        }
    }

    private static void checkFirings(Schedule schedule, Optional<Window> window, List<Step> tasks) {
        List<Instant> firings = schedule.timetable().upcoming(SAMPLE, 50);
        if (window.isPresent()
                && !firings.isEmpty()
                && firings.stream()
                        .allMatch(at ->
                                window.get().openUntil(at, schedule.zoneId()).isEmpty())) {
            throw new InvalidValue("window", window.get().start(), "is never open when the schedule fires");
        }
        Optional<Step> destructive = tasks.stream()
                .filter(step -> step.task().effect() == Effect.DESTRUCTIVE)
                .findFirst();
        if (destructive.isPresent()
                && schedule.onFinding()
                        .filter(answer -> answer.pause().compareTo(DESTRUCTIVE_GAP) < 0)
                        .isPresent()) {
            throw new InvalidValue(
                    "schedule.onFinding.cooldown",
                    schedule.onFinding().get().pause().toString(),
                    "must be at least 1 hour, since " + destructive.get().task().name() + " removes data");
        }
        for (int i = 1; destructive.isPresent() && i < firings.size(); i++) {
            if (Duration.between(firings.get(i - 1), firings.get(i)).compareTo(DESTRUCTIVE_GAP) < 0) {
                throw new InvalidValue(
                        "schedule",
                        schedule.cron().orElseGet(() -> schedule.every().toString()),
                        "must leave at least 1 hour between firings, since "
                                + destructive.get().task().name() + " removes data");
            }
        }
    }

    /**
     * When the commands of this firing may run; empty if the window is closed at that time.
     *
     * @param from the nominal time, or the moment from which a missed firing that must run counts
     */
    public Optional<Validity> validity(Instant from) {
        Duration spread = schedule.spread().orElse(Duration.ZERO);
        if (window.isEmpty()) {
            Instant finishBy = from.plus(spread).plus(finishWithin.orElse(longer(FINISH, startWithin)));
            Instant startBy = from.plus(spread).plus(startWithin.orElse(START));
            return Optional.of(new Validity(from, earlier(startBy, finishBy), finishBy));
        }
        Optional<Instant> end = window.get().openUntil(from, schedule.zoneId());
        return end.map(closes -> {
            Instant finishBy = finishWithin
                    .map(time -> earlier(from.plus(spread).plus(time), closes))
                    .orElse(closes);
            Instant startBy = startWithin
                    .map(time -> earlier(from.plus(spread).plus(time), finishBy))
                    .orElse(finishBy);
            return new Validity(from, startBy, finishBy);
        });
    }

    /**
     * When the commands of a run may run that comes after another one on each database; empty if the window is closed when that one
     * fires. Start and end are counted from the time by which the other one must end.
     */
    public Optional<Validity> validityAfter(Validity before) {
        Instant from = before.finishBy();
        Instant finishBy = from.plus(finishWithin.orElse(longer(FINISH, startWithin)));
        Instant startBy = earlier(from.plus(startWithin.orElse(START)), finishBy);
        if (window.isEmpty()) {
            return Optional.of(new Validity(before.notBefore(), startBy, finishBy));
        }
        return window.get()
                .openUntil(before.notBefore(), schedule.zoneId())
                .map(closes -> new Validity(before.notBefore(), earlier(startBy, closes), earlier(finishBy, closes)));
    }

    /** When the commands may run if a person runs the policy now: the window does not matter then. */
    public Validity validityNow(Instant now) {
        Instant finishBy = now.plus(finishWithin.orElse(longer(FINISH, startWithin)));
        return new Validity(now, earlier(now.plus(startWithin.orElse(START)), finishBy), finishBy);
    }

    private static Duration longer(Duration least, Optional<Duration> other) {
        return other.filter(time -> time.compareTo(least) > 0).orElse(least);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
