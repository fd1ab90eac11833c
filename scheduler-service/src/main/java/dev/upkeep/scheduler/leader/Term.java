package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.Firings;
import dev.upkeep.scheduler.firing.Overdue;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.policy.Overlap;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.request.RequestDesk;
import dev.upkeep.scheduler.request.Verdict;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Ledger;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.Strikes;
import dev.upkeep.scheduler.run.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader does, over and over: judges requests, takes in results, fires policies, sends what is due, gives up on silence,
 * and writes down how far its runs are. Each decision is written in one transaction and counts only once that is committed; when
 * the group says that this replica's place has changed, the decision is dropped and made anew by whoever leads then.
 *
 * <p>For one thread.
 */
final class Term {
    private static final Logger LOG = LoggerFactory.getLogger(Term.class);

    /** The most commands in one transaction: large runs leave room for requests in between. */
    static final int BATCH = 1_000;

    private static final Duration SWEEP = Duration.ofSeconds(2);
    private static final Duration IDLE_COMMIT = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration FLUSH = Duration.ofMillis(500);
    private static final Duration PER_PART = Duration.ofMillis(50);

    private final World world;
    private final LeaderSettings settings;
    private final Candidacy candidacy;
    private final Transactions transactions;
    private final ResultFeed results;
    private final Watermark watermark;
    private final Firings firings = new Firings();
    private final Strikes strikes = new Strikes();
    private final List<Control> pauses = new ArrayList<>();
    private final Map<dev.upkeep.common.id.RunId, Looked> looked = new HashMap<>();
    private final Instant began;
    private Instant nextSweep = Instant.MIN;
    private Instant nextFlush = Instant.MIN;
    private Instant lastCommit = Instant.MIN;

    private record Looked(Run run, Instant at) {}

    Term(
            World world,
            LeaderSettings settings,
            Candidacy candidacy,
            Transactions transactions,
            ResultFeed results,
            Watermark watermark) {
        this.world = world;
        this.settings = settings;
        this.candidacy = candidacy;
        this.transactions = transactions;
        this.results = results;
        this.watermark = watermark;
        this.began = world.clock().instant();
        List<Run> known = new ArrayList<>(world.book().all());
        Collections.reverse(known);
        strikes.recall(known, began);
    }

    /** One round; ends early when this replica's place in the group has changed. */
    void round() {
        long began = System.nanoTime();
        Instant now = world.clock().instant();
        List<Control> controls = world.controls().active(now);
        boolean written = requests(controls) && takeResults(now) && fire(controls, now) && send(controls, now);
        if (written && !now.isBefore(nextSweep)) {
            nextSweep = now.plus(SWEEP);
            Ledger ledger = new Ledger(world.fleet(), settings.grace());
            world.book().active().forEach(run -> world.book().changed(ledger.sweep(run, now)));
            world.book().trim(now);
            world.metrics().overdue(overdue(now));
            looked.keySet()
                    .removeIf(id -> world.book().find(id).map(Run::isOver).orElse(true));
        }
        if (written) {
            flush(now);
        }
        world.metrics().ticked(Duration.ofNanos(System.nanoTime() - began));
    }

    private Map<String, Boolean> overdue(Instant now) {
        List<Run> runs = world.book().all();
        Map<String, Boolean> overdue = new HashMap<>();
        for (Policy policy : world.policies().inForce().all()) {
            Overdue.of(policy, runs, began, now)
                    .ifPresent(late -> overdue.put(policy.name().text(), late));
        }
        return overdue;
    }

    private boolean requests(List<Control> controls) {
        RequestDesk desk = new RequestDesk(world.limits(), world.fleet(), world.book());
        ConsumerRecord<String, byte[]> record;
        for (int i = 0; i < 50 && (record = candidacy.waiting().peek()) != null; i++) {
            Instant now = world.clock().instant();
            Verdict verdict = judge(desk, record, controls, now);
            Emission emission = new Emission().requestsUpTo(record.offset() + 1).cancels(verdict.cancels());
            ConsumerRecord<String, byte[]> judged = record;
            verdict.runs().forEach(run -> begin(run, emission, controls, now));
            verdict.repeated().ifPresent(emission::repeat);
            verdict.deadLetter().ifPresent(reason -> emission.deadLetter(new Emission.DeadLetter(judged, reason)));
            if (!write(emission, now)) {
                return false;
            }
            candidacy.waiting().remove();
            world.metrics()
                    .judged(
                            verdict.repeated().isPresent()
                                    ? "repeated"
                                    : EnumText.of(verdict.runs().get(0).head().status()));
        }
        return true;
    }

    private Verdict judge(
            RequestDesk desk, ConsumerRecord<String, byte[]> record, List<Control> controls, Instant now) {
        try {
            return desk.judge(record, world.policies().inForce(), controls, now);
        } catch (RuntimeException e) {
            LOG.error("failed to judge the request at offset {}", record.offset(), e);
            return desk.failed(record, now);
        }
    }

    /** A run with its first commands, if all of them fit into one transaction; else frozen first and sent later. */
    private void begin(Run run, Emission emission, List<Control> controls, Instant now) {
        if (run.isOver() || run.tally().planned() > BATCH) {
            emission.run(run);
            return;
        }
        Dispatch.Dispatched first = new Dispatch(world.fleet(), controls, now).due(run, waiting(run), BATCH);
        emission.run(first.run()).commands(first.commands());
    }

    private boolean takeResults(Instant now) {
        List<Result> arrived = results.poll();
        if (!arrived.isEmpty()) {
            world.book()
                    .apply(arrived, now)
                    .forEach(ended ->
                            strikes.note(ended.run(), ended.target(), now).ifPresent(pauses::add));
        }
        return true;
    }

    private boolean fire(List<Control> controls, Instant now) {
        List<Firing> due = firings.due(
                world.policies().inForce(),
                watermark.decided(),
                now,
                name -> world.book().lastFiring(name));
        for (Firing firing : due) {
            PolicyName policy = firing.policy().name();
            Map<DatabaseId, Run> busy = world.book().busy(policy);
            PolicyRuns runs = new PolicyRuns(new Freezer(world.fleet().executors(), controls), controls);
            Run run = runs.fire(firing, busy, now);
            Emission emission = new Emission();
            if (run.head().plan().overlap().equals(Optional.of(Overlap.CANCEL)) && !run.isOver()) {
                cancelEarlier(new HashSet<>(busy.values()), emission, controls, now);
            }
            begin(run, emission, controls, now);
            if (!write(emission, now)) {
                return false;
            }
            world.metrics()
                    .fired(Duration.between(firing.nominal(), world.clock().instant()));
            world.metrics().begun(run.tally().databases());
        }
        watermark.advance(now);
        firings.decided(now);
        return true;
    }

    private void cancelEarlier(Set<Run> earlier, Emission emission, List<Control> controls, Instant now) {
        Dispatch dispatch = new Dispatch(world.fleet(), controls, now);
        for (Run run : earlier) {
            Dispatch.Dispatched stopped = dispatch.cancel(
                    run, Optional.empty(), Optional.of("scheduler"), Optional.of("the policy fired again"));
            emission.run(stopped.run()).cancels(stopped.cancels());
        }
    }

    @SuppressWarnings("ReferenceEquality") // an unchanged value is the same object; comparing contents would cost much
    private boolean send(List<Control> controls, Instant now) {
        for (Run run : world.book().active()) {
            Looked before = looked.get(run.head().id());
            boolean fresh = before != null
                    && before.run() == run
                    && now.isBefore(before.at().plus(LOOK_AGAIN));
            if (run.tally().planned() == 0 || fresh) {
                continue;
            }
            Dispatch.Dispatched due = new Dispatch(world.fleet(), controls, now).due(run, waiting(run), BATCH);
            looked.put(run.head().id(), new Looked(due.run(), now));
            if (due.run() != run) {
                Emission emission = new Emission().run(due.run()).commands(due.commands());
                if (!write(emission, now)) {
                    return false;
                }
            }
            if (due.commands().size() == BATCH) {
                looked.remove(run.head().id());
                return true; // requests and results first, then the next batch
            }
        }
        return true;
    }

    /** Databases on which earlier runs of the same policy must end first. */
    private Set<DatabaseId> waiting(Run run) {
        if (!run.head().plan().overlap().equals(Optional.of(Overlap.QUEUE))) {
            return Set.of();
        }
        Set<DatabaseId> waiting = new HashSet<>();
        for (Run other : world.book().active()) {
            if (other.head().asOf().isBefore(run.head().asOf())
                    && other.head().plan().policy().equals(run.head().plan().policy())) {
                other.targets().stream()
                        .filter(target -> target.status() != dev.upkeep.common.run.Target.Status.ENDED)
                        .forEach(target -> waiting.add(target.database()));
            }
        }
        return waiting;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    /**
     * Writes how far runs are. The more there is to write, the rarer it is done: at most a tenth of the time, and at most 20
     * parts per second, so that a large run does not fill the runs topic with versions of itself.
     */
    private void flush(Instant now) {
        List<Run> changed = world.book().changed();
        boolean idle = now.isAfter(lastCommit.plus(IDLE_COMMIT));
        if (now.isBefore(nextFlush) || (changed.isEmpty() && pauses.isEmpty() && !idle)) {
            return;
        }
        long began = System.nanoTime();
        Emission emission = new Emission().withResults();
        changed.forEach(emission::run);
        int parts = changed.stream()
                .mapToInt(run -> world.book().states(run, now).size())
                .sum();
        pauses.forEach(emission::control);
        if (write(emission, now)) {
            pauses.forEach(pause -> LOG.warn("policy paused for a database: {}", pause.reason()));
            pauses.clear();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Duration pause = longer(took.multipliedBy(10), PER_PART.multipliedBy(parts));
        nextFlush = now.plus(FLUSH).plus(pause);
    }

    private boolean write(Emission emission, Instant now) {
        long began = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        if (emission.isWithResults()) {
            offsets.putAll(results.positions());
        }
        long requests = emission.requestOffset().orElseGet(candidacy::position);
        offsets.put(candidacy.requests(), new OffsetAndMetadata(requests, watermark.metadata()));
        if (!transactions.write(emission, world.book(), offsets, candidacy.membership(), now)) {
            LOG.info("nothing written: this replica's place in group {} has changed", settings.group());
            return false;
        }
        lastCommit = now;
        for (Run run : emission.runs()) {
            boolean news = world.book().isWrittenAsOpenOrUnknown(run.head().id());
            world.book().written(run);
            if (news && run.isOver()) {
                report(run, now);
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        world.metrics()
                .wrote(took, emission.commands().size(), emission.cancels().size());
        return true;
    }

    private void report(Run run, Instant now) {
        Tally tally = run.tally();
        String status = EnumText.of(run.head().status());
        world.metrics().ended(status);
        LOG.info(
                "run over run={} origin={} status={} databases={} outcomes={} reason={} took={}",
                run.head().id(),
                run.head().origin().name(),
                status,
                tally.databases(),
                tally.ended().entrySet().stream()
                        .map(entry -> EnumText.of(entry.getKey()) + ":" + entry.getValue())
                        .toList(),
                run.head().reasons().isEmpty() ? "-" : run.head().reasons().get(0),
                Duration.between(run.head().asOf(), now));
    }
}
