package dev.upkeep.scheduler.run;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The runs that matter: all that are under way, and those that ended of late. Knows of each what was last written to the runs
 * topic, so that only the parts that differ are written next.
 *
 * <p>Changed by the scheduler's thread only; may be read by any thread.
 */
public final class RunBook {
    private static final class Entry {
        volatile Run run;

        @Nullable
        Run written;

        Entry(Run run, @Nullable Run written) {
            this.run = run;
            this.written = written;
        }
    }

    /** What may still matter is never older: retention of requests, the longest command, and the longest cooldown are 7 d. */
    public static final Duration LONGEST = Duration.ofDays(8);

    private final Map<RunId, Entry> entries = new ConcurrentHashMap<>();
    private final Set<RunId> active = ConcurrentHashMap.newKeySet();
    private final Set<RunId> changed = new HashSet<>();
    private final Map<PolicyName, Instant> lastFirings = new ConcurrentHashMap<>();
    private final Duration kept;
    private final int details;

    /**
     * Keeps ended runs for some time, and the databases of the latest of them up to a number.
     *
     * @param kept how long an ended run can be asked for
     * @param details of so many databases of ended runs, the latest first, how each ended
     */
    public RunBook(Duration kept, int details) {
        this.kept = kept;
        this.details = details;
    }

    /** The run of this id, as it is now. */
    public Optional<Run> find(RunId id) {
        return Optional.ofNullable(entries.get(id)).map(entry -> entry.run);
    }

    /** All runs, the latest first. */
    public List<Run> all() {
        return entries.values().stream()
                .map(entry -> entry.run)
                .sorted(Comparator.comparing((Run run) -> run.head().asOf())
                        .reversed()
                        .thenComparing(run -> run.head().id()))
                .toList();
    }

    /** Asks again whenever a run was written, until there is an answer or the time is over. */
    public <T> Optional<T> await(Supplier<Optional<T>> question, Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        synchronized (entries) {
            Optional<T> answer = question.get();
            try {
                for (long left = most.toMillis(); answer.isEmpty() && left > 0; ) {
                    entries.wait(left);
                    answer = question.get();
                    left = (deadline - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return answer;
        }
    }

    /** How many there are. */
    public int size() {
        return entries.size();
    }

    /** Forgets everything, before it is read anew. */
    public void clear() {
        entries.clear();
        active.clear();
        changed.clear();
        lastFirings.clear();
    }

    /** Whether the runs topic does not yet say that this run is over. */
    public boolean isWrittenAsOpenOrUnknown(RunId id) {
        Entry entry = entries.get(id);
        return entry == null || entry.written == null || !entry.written.isOver();
    }

    /** Those that are under way, the earliest first. */
    public List<Run> active() {
        return active.stream()
                .flatMap(id -> find(id).stream())
                .sorted(Comparator.comparing((Run run) -> run.head().asOf())
                        .thenComparing(run -> run.head().id()))
                .toList();
    }

    /** The nominal time of the policy's last firing on record. */
    public Optional<Instant> lastFiring(PolicyName policy) {
        return Optional.ofNullable(lastFirings.get(policy));
    }

    /** Databases on which runs of this policy are not done, with the latest such run. */
    public Map<DatabaseId, Run> busy(PolicyName policy) {
        Map<DatabaseId, Run> busy = new HashMap<>();
        for (Run run : active()) {
            if (run.head().plan().policy().equals(Optional.of(policy))) {
                run.targets().stream()
                        .filter(target -> target.status() != Target.Status.ENDED)
                        .forEach(target -> busy.put(target.database(), run));
            }
        }
        return busy;
    }

    /** Takes a run of which these parts now stand on the runs topic; of one that was not known, all of them. */
    public void written(Run run, Collection<Integer> parts) {
        RunId id = run.head().id();
        Entry entry = entries.get(id);
        Run before = entry == null ? null : entry.written;
        if (entry == null
                || before == null
                || before.parts().size() != run.parts().size()) {
            written(run);
            return;
        }
        Map<Integer, List<Target>> now = new HashMap<>();
        parts.forEach(part -> now.put(part, run.parts().get(part)));
        entry.run = run;
        entry.written = before.withParts(parts.contains(0) ? run.head() : before.head(), now);
        if (run.changedFrom(entry.written).isEmpty()) {
            changed.remove(id);
        } else {
            changed.add(id);
        }
        settle(run);
        tell();
    }

    /** Takes a run as it stands on the runs topic. */
    public void written(Run run) {
        RunId id = run.head().id();
        Entry entry = entries.computeIfAbsent(id, absent -> new Entry(run, run));
        entry.run = run;
        entry.written = run;
        changed.remove(id);
        settle(run);
        if (run.head().origin().kind() == Origin.Kind.POLICY && id.text().indexOf('@') > 0) {
            lastFirings.merge(
                    new PolicyName(run.head().origin().name()), run.head().asOf(), (a, b) -> a.isAfter(b) ? a : b);
        }
        tell();
    }

    private void tell() {
        synchronized (entries) {
            entries.notifyAll();
        }
    }

    private void settle(Run run) {
        if (run.isOver()) {
            active.remove(run.head().id());
            run.places().forget();
        } else {
            active.add(run.head().id());
        }
    }

    /** Takes a run that changed and is not yet written. */
    @SuppressWarnings("ReferenceEquality") // an unchanged value is the same object; comparing contents would cost much
    public void changed(Run run) {
        Entry entry = entries.get(run.head().id());
        if (entry != null && entry.run != run) {
            entry.run = run;
            changed.add(run.head().id());
            settle(run);
        }
    }

    /** Runs that are ahead of what is written. */
    public List<Run> changed() {
        return changed.stream().flatMap(id -> find(id).stream()).toList();
    }

    /** The parts by which the topic must catch up to this run; the first one, which carries the head, comes last. */
    public List<Integer> behind(Run run) {
        Entry entry = entries.get(run.head().id());
        Run before = entry == null ? null : entry.written;
        return before == null ? run.allParts() : run.changedFrom(before);
    }

    /** A database that ended, and its run. */
    public record Ended(Run run, Target target) {}

    /** Notes how commands ended; returns those that are news. Results of unknown or forgotten runs are passed over. */
    public List<Ended> apply(Collection<Result> results, Instant now) {
        Map<RunId, Map<Integer, Target>> changes = new HashMap<>();
        for (Result result : results) {
            Entry entry = entries.get(result.run());
            OptionalInt place =
                    entry == null ? OptionalInt.empty() : entry.run.places().of(result.database(), entry.run);
            if (entry == null || place.isEmpty()) {
                continue;
            }
            int position = place.getAsInt();
            Map<Integer, Target> ofRun = changes.computeIfAbsent(result.run(), run -> new HashMap<>());
            Target target = ofRun.getOrDefault(position, entry.run.target(position));
            if (target.command().equals(result.command())
                    && target.executor().equals(result.executor())
                    && isNews(target)) {
                ofRun.put(position, Retries.after(entry.run.head(), target, result));
            }
        }
        List<Ended> ended = new ArrayList<>();
        changes.forEach((id, ofRun) -> {
            Run after = find(id).orElseThrow().with(ofRun).endedIfDone(now);
            changed(after);
            ofRun.values().stream()
                    .filter(target -> target.status() == Target.Status.ENDED)
                    .forEach(target -> ended.add(new Ended(after, target)));
        });
        return ended;
    }

    /** Whether this result is one that a run waits for, or waited for: of its command, from the executor that was asked. */
    public boolean isAskedFor(Result result) {
        return target(result.run(), result.database())
                .filter(target -> target.command().equals(result.command())
                        && target.executor().equals(result.executor())
                        && target.sentAt().isPresent())
                .isPresent();
    }

    /** Whether a result can still say something new: it was awaited, or had been given up. */
    private static boolean isNews(Target target) {
        return target.status() == Target.Status.SENT
                || target.outcome()
                        .filter(outcome -> outcome == dev.upkeep.common.result.Outcome.OFFLINE)
                        .isPresent();
    }

    /** How this database stands in this run; empty if there is no such run, or it does not have the database. */
    public Optional<Target> target(RunId id, DatabaseId database) {
        return find(id).flatMap(run -> run.find(database));
    }

    /**
     * How long an ended run is remembered: that of a request for as long as the request may be on its topic, so that it is known
     * again when it is read or sent twice, and one that answers a finding for as long as a cooldown may last.
     */
    private Duration kept(Run run) {
        boolean isLong =
                run.head().plan().digest().isPresent() || run.head().plan().reaction();
        return isLong && kept.compareTo(LONGEST) < 0 ? LONGEST : kept;
    }

    /** Runs that others wait for and of which this does not know how each database ended. */
    public Set<RunId> unknownPredecessors() {
        return active().stream()
                .flatMap(run -> run.head().plan().after().stream())
                .map(RunPlan.Link::run)
                .filter(id -> find(id).map(Run::isWithoutDetails).orElse(true))
                .collect(Collectors.toSet());
    }

    /** Lets go of what is too old or too much; not of runs that others wait for. */
    public void trim(Instant now) {
        Set<RunId> awaited = active.stream()
                .flatMap(id -> find(id).stream())
                .flatMap(run -> run.head().plan().after().stream())
                .map(RunPlan.Link::run)
                .collect(Collectors.toSet());
        int room = details;
        for (Run run : all()) {
            RunId id = run.head().id();
            if (!run.isOver() || changed.contains(id) || awaited.contains(id)) {
                continue;
            }
            Entry entry = entries.get(id);
            run.places().forget();
            if (run.head().at().plus(kept(run)).isBefore(now)) {
                entries.remove(id);
            } else if (entry != null
                    && run.parts().get(0).size() > 0
                    && !run.head().plan().reaction()) {
                room -= run.tally().databases();
                if (room < 0) {
                    entry.run = run.withoutDetails();
                    entry.written = entry.run;
                }
            }
        }
    }
}
