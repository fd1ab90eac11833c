package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One run with its frozen databases, in parts of bounded size. Immutable: each step gives a new one, which shares the parts
 * that did not change.
 *
 * @param parts at least one, perhaps empty; empty also for an ended run whose details were let go
 * @param tallies counts over each part, so that a step costs what it changes and not what there is
 * @param tally their sum, kept when the details are let go
 * @param places where each database stands
 */
public record Run(RunHead head, List<List<Target>> parts, List<Tally> tallies, Tally tally, Places places) {
    /** So many databases share a record; well under {@link RunState#PART_SIZE}, so that long names and reasons fit. */
    public static final int PART = 200;

    private static final int SHORT = 60;

    /** A run over these databases, in this order. */
    public static Run of(RunHead head, List<Target> targets) {
        List<List<Target>> parts = new ArrayList<>();
        for (int from = 0; from < targets.size(); from += PART) {
            parts.add(List.copyOf(targets.subList(from, Math.min(targets.size(), from + PART))));
        }
        if (parts.isEmpty()) {
            parts.add(List.of());
        }
        return ofParts(head, parts);
    }

    static Run ofParts(RunHead head, List<List<Target>> parts) {
        List<Tally> tallies = parts.stream().map(Tally::of).toList();
        return new Run(head, List.copyOf(parts), tallies, Tally.sum(tallies), new Places());
    }

    /** Whether nothing more will happen to it. */
    public boolean isOver() {
        return head.status() != RunState.Status.ACCEPTED;
    }

    /** Whether it came of a request with this content. */
    public boolean isFor(Request request) {
        return head.plan().digest().equals(Optional.of(Digest.of(request)));
    }

    /** All databases in order. */
    public List<Target> targets() {
        List<Target> all = new ArrayList<>(tally.databases());
        parts.forEach(all::addAll);
        return all;
    }

    /** The one at this position. */
    public Target target(int position) {
        return parts.get(position / PART).get(position % PART);
    }

    /** How this database stands; empty if it is not one of the run's, or the details were let go. */
    public Optional<Target> find(DatabaseId database) {
        OptionalInt position = places.of(database, this);
        return position.isPresent() ? Optional.of(target(position.getAsInt())) : Optional.empty();
    }

    /** The run with other targets at these positions. */
    public Run with(Map<Integer, Target> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        Map<Integer, List<Target>> copies = new TreeMap<>();
        changes.forEach(
                (position, target) -> copies.computeIfAbsent(position / PART, part -> new ArrayList<>(parts.get(part)))
                        .set(position % PART, target));
        return withParts(head, copies);
    }

    /** The run with this head and these parts in place of its own. */
    Run withParts(RunHead newHead, Map<Integer, List<Target>> newParts) {
        List<List<Target>> changed = new ArrayList<>(parts);
        List<Tally> counted = new ArrayList<>(tallies);
        newParts.forEach((part, targets) -> {
            List<Target> copy = List.copyOf(targets);
            changed.set(part, copy);
            counted.set(part, Tally.of(copy));
        });
        return new Run(newHead, List.copyOf(changed), List.copyOf(counted), Tally.sum(counted), places);
    }

    /** The parts in which this run differs from an earlier state of itself; the first one, which carries the head, comes last. */
    @SuppressWarnings("ReferenceEquality") // an unchanged value is the same object; comparing contents would cost much
    public List<Integer> changedFrom(Run before) {
        List<Integer> changed = new ArrayList<>();
        for (int part = 1; part < parts.size(); part++) {
            if (part >= before.parts.size() || before.parts.get(part) != parts.get(part)) {
                changed.add(part);
            }
        }
        if (before.parts.get(0) != parts.get(0) || (before.head != head && !before.head.equals(head))) {
            changed.add(0);
        }
        return changed;
    }

    /** All parts; the first one, which carries the head, comes last. */
    public List<Integer> allParts() {
        List<Integer> all = new ArrayList<>();
        for (int part = 1; part < parts.size(); part++) {
            all.add(part);
        }
        all.add(0);
        return all;
    }

    /** The run with another state of the whole. */
    public Run with(RunState.Status status, List<Reason> reasons, Instant at) {
        return new Run(head.with(status, reasons, at), parts, tallies, tally, places);
    }

    /** Whether it was told to stop as a whole. */
    public boolean isStopping() {
        return head.plan().stop().isPresent();
    }

    /** Whether its details were let go, so that its databases are not known any more. */
    public boolean isWithoutDetails() {
        return parts.get(0).isEmpty() && tally.databases() > 0;
    }

    Run told(RunPlan.Stop order, Reason reason, Instant at) {
        List<Reason> reasons = new ArrayList<>(head.reasons());
        reasons.add(reason);
        RunHead told = head.with(head.plan().stoppedBy(order)).with(head.status(), reasons, at);
        return new Run(told, parts, tallies, tally, places);
    }

    /** The run as ended, if all its databases have. */
    public Run endedIfDone(Instant at) {
        return head.status() == RunState.Status.ACCEPTED && tally.open() == 0
                ? with(RunState.Status.ENDED, head.reasons(), at)
                : this;
    }

    /** The run refused as a whole, without databases and tasks. */
    public Run refused(Reason reason, Instant at) {
        return of(head.refused(reason, at), List.of());
    }

    /** The run in which these databases ended since their commands were not sent. */
    public Run rejected(Collection<DatabaseId> databases, Reason reason, Instant at) {
        Map<Integer, Target> changes = new TreeMap<>();
        for (DatabaseId database : databases) {
            places.of(database, this)
                    .ifPresent(position -> changes.put(position, unsent(target(position), reason, at)));
        }
        return with(changes);
    }

    private static Target unsent(Target target, Reason reason, Instant at) {
        return new Target(
                target.database(),
                target.executor(),
                target.command(),
                Target.Status.ENDED,
                Optional.of(Outcome.REJECTED),
                List.of(reason),
                Optional.empty(),
                Optional.of(at));
    }

    /** The run with only the beginning of the first reason of each database of a part; in the first part, also of the whole. */
    public Run withShortReasons(int part) {
        List<Target> shorter =
                parts.get(part).stream().map(Run::withShortReasons).toList();
        RunHead newHead = part == 0 ? head.with(head.status(), shorter(head.reasons()), head.at()) : head;
        return withParts(newHead, Map.of(part, shorter));
    }

    private static Target withShortReasons(Target target) {
        return new Target(
                target.database(),
                target.executor(),
                target.command(),
                target.status(),
                target.outcome(),
                shorter(target.reasons()),
                target.sentAt(),
                target.endedAt());
    }

    private static List<Reason> shorter(List<Reason> reasons) {
        return reasons.stream()
                .limit(1)
                .map(reason -> reason.message().length() > SHORT
                        ? new Reason(reason.code(), reason.message().substring(0, SHORT - 1) + "…")
                        : reason)
                .toList();
    }

    /** The run without its databases, to save memory. */
    Run withoutDetails() {
        return new Run(head, List.of(List.of()), List.of(Tally.of(List.of())), tally, new Places());
    }

    /** The record of one part. */
    public RunState state(int part, Instant at) {
        return new RunState(
                head.id(),
                head.origin(),
                head.status(),
                head.reasons(),
                head.asOf(),
                at,
                head.validity(),
                head.dryRun(),
                head.planHash(),
                tally.databases(),
                part,
                parts.size(),
                part == 0 ? head.steps() : List.of(),
                parts.get(part));
    }
}
