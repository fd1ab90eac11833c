package dev.upkeep.scheduler.leader;

import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.KafkaUnavailable;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.scheduler.feed.FleetFeed;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.RunReader;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one replica. It stands by, following the runs, until the group gives it the requests' partition; then it
 * rebuilds what is missing, leads until it loses its place, and starts over. Whatever goes wrong with Kafka, all clients are
 * closed and the state is read anew from the topics: they alone are the truth.
 */
public final class Scheduler implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Set<Topic> NEEDED = EnumSet.of(
            Topic.REQUESTS,
            Topic.COMMANDS,
            Topic.RESULTS,
            Topic.EXECUTORS,
            Topic.RUNS,
            Topic.CONTROLS,
            Topic.DEAD_LETTERS);

    private final KafkaSettings kafka;
    private final LeaderSettings settings;
    private final World world;
    private final FleetFeed fleetFeed;
    private final Standing standing;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Scheduler(KafkaSettings kafka, LeaderSettings settings, World world, FleetFeed fleetFeed, Standing standing) {
        this.kafka = kafka;
        this.settings = settings;
        this.world = world;
        this.fleetFeed = fleetFeed;
        this.standing = standing;
    }

    /** Ends {@link #run()} soon, and gives up the place in the group. */
    public void stop() {
        stopped.countDown();
    }

    @Override
    public void run() {
        while (!isStopped(Duration.ZERO)) {
            try {
                session();
            } catch (KafkaUnavailable | KafkaException e) {
                LOG.warn("starting over: {}", e.toString());
                LOG.debug("starting over", e);
                standing.fail("Kafka at " + kafka.bootstrap() + ": " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("starting over after a mistake of this program", e);
                standing.fail("internal: " + e);
            }
            isStopped(PAUSE);
        }
    }

    private void session() {
        try (Admin admin = Admin.create(kafka.admin())) {
            Set<Topic> missing = new TopicSetup(admin, kafka.topics()).missing(NEEDED);
            if (!missing.isEmpty()) {
                standing.fail("these topics are missing, or not to be seen with this client's rights: "
                        + missing.stream().map(kafka.topics()::name).sorted().collect(Collectors.joining(", "))
                        + "; `upkeep topics create` creates them");
                return;
            }
            world.book().clear();
            try (RunFeed runs = runs(kafka, settings, world);
                    Candidacy candidacy = new Candidacy(kafka, settings)) {
                standBy(runs, candidacy);
                if (candidacy.isOwner() && !isStopped(Duration.ZERO)) {
                    lead(admin, runs, candidacy);
                }
            }
        }
    }

    /** Reads the runs from as far back as any may still matter. */
    static RunFeed runs(KafkaSettings kafka, LeaderSettings settings, World world) {
        Instant remembered = world.clock().instant().minus(settings.remembered());
        Instant oldest = world.clock().instant().minus(RunBook.LONGEST);
        Instant since = remembered.isBefore(oldest) ? remembered : oldest;
        return new RunFeed(kafka, new RunReader(world.book(), remembered), since);
    }

    private void standBy(RunFeed runs, Candidacy candidacy) {
        while (!isStopped(Duration.ZERO) && !(candidacy.isOwner() && fleetFeed.isCaughtUp())) {
            candidacy.poll(Duration.ofMillis(50));
            if (runs.poll(Duration.ofMillis(100)) > 0) {
                world.book().trim(world.clock().instant());
            }
            if (fleetFeed.isCaughtUp()) {
                standing.become(Standing.Role.STANDBY);
            }
        }
    }

    private void lead(Admin admin, RunFeed runs, Candidacy candidacy) {
        long began = System.nanoTime();
        Records records = new Records(kafka.topics(), "upkeep/scheduler/" + settings.replica(), world.clock());
        try (Transactions transactions = new Transactions(admin, kafka, settings, records, world.fleet());
                ResultFeed results = new ResultFeed(kafka)) {
            Watermark watermark = rebuild(admin, settings, runs, results, candidacy, world);
            fleetFeed.catchUp(admin); // after fencing: no earlier leader can add a pause any more
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            world.metrics().rebuilt(took);
            standing.become(Standing.Role.LEADER);
            LOG.info(
                    "leading replica={} group={} runs={} active={} decided={} took={}",
                    settings.replica(),
                    settings.group(),
                    world.book().size(),
                    world.book().active().size(),
                    watermark.decided(),
                    took);
            try (Term term = new Term(world, settings, candidacy, transactions, results, watermark)) {
                while (!isStopped(Duration.ZERO) && !candidacy.wasLost()) {
                    candidacy.poll(term.isBusy() ? Duration.ZERO : Duration.ofMillis(50));
                    if (!candidacy.wasLost()) {
                        term.round();
                    }
                }
            }
            LOG.info("no longer leading replica={}", settings.replica());
        } finally {
            standing.fail("no longer leading");
        }
    }

    /**
     * Reads to its end what a new leader must know, after seeing to it that nobody before it can still add to it.
     *
     * @return up to when firings are decided
     */
    static Watermark rebuild(
            Admin admin, LeaderSettings settings, RunFeed runs, ResultFeed results, Candidacy candidacy, World world) {
        Fencing.endOpenTransactions(admin, settings);
        Map<TopicPartition, OffsetAndMetadata> committed = candidacy.committed(results.partitions());
        runs.catchUp(admin, () -> world.book().trim(world.clock().instant()));
        Set<RunId> unknown = world.book().unknownPredecessors();
        if (!unknown.isEmpty()) {
            runs.readAgain(RunReader.of(world.book(), unknown));
        }
        results.startFrom(committed);
        Optional<String> metadata =
                Optional.ofNullable(committed.get(candidacy.requests())).map(OffsetAndMetadata::metadata);
        return Watermark.of(metadata, world.clock().instant());
    }

    private boolean isStopped(Duration wait) {
        try {
            return stopped.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
