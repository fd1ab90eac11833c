package dev.upkeep.scheduler.leader;

import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.metric.SchedulerMetrics;
import dev.upkeep.scheduler.policy.Policies;
import dev.upkeep.scheduler.request.RequestLimits;
import dev.upkeep.scheduler.run.RunBook;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A leader whose rounds the test does one by one, on a real broker, and that dies where the test says: at a certain record, in the
 * middle of a transaction or at the beginning of one. What follows must know everything from the topics.
 */
final class ByHand implements AutoCloseable {
    /** The producers of a leader with this setting die at the record for which there is no fuse left. */
    static final Map<String, String> FUSE = Map.of("value.serializer", Fuse.class.getName());

    private final World world;
    private final Candidacy candidacy;
    private final Transactions transactions;
    private final ResultFeed results;
    private final Term term;

    /** Takes the lead, as {@link Scheduler} does. */
    private ByHand(KafkaSettings kafka, String name, World world, Candidacy candidacy) {
        this.world = world;
        this.candidacy = candidacy;
        LeaderSettings settings = settings(kafka, name);
        Records records = new Records(kafka.topics(), "test/" + name, world.clock());
        this.results = new ResultFeed(kafka);
        try (Admin admin = Admin.create(kafka.admin());
                RunFeed runs = Scheduler.runs(kafka, settings, world)) {
            this.transactions = new Transactions(admin, kafka, settings, records, world.fleet());
            Watermark watermark = Scheduler.rebuild(admin, settings, runs, results, candidacy, world);
            this.term = new Term(world, settings, candidacy, transactions, results, watermark);
        }
    }

    static ByHand leads(KafkaSettings kafka, String name, World world, Candidacy candidacy) {
        return new ByHand(kafka, name, world, candidacy);
    }

    /** A place in the group, which the leaders of a test hand on. */
    static Candidacy candidacy(KafkaSettings kafka) {
        Candidacy candidacy = new Candidacy(kafka, settings(kafka, "any"));
        while (!candidacy.isOwner()) {
            candidacy.poll(Duration.ofMillis(100));
        }
        return candidacy;
    }

    private static LeaderSettings settings(KafkaSettings kafka, String name) {
        return new LeaderSettings(
                kafka.topics().prefix() + "scheduler",
                name,
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                Duration.ofDays(3),
                Optional.empty());
    }

    /** What a new leader knows before it has read anything, but for the fleet. */
    static World world(Clock clock, Path policies, int details, List<Registration> fleet) {
        World world = new World(
                clock,
                new Fleet(),
                new Controls(),
                new Policies(policies),
                new RunBook(Duration.ofDays(3), details),
                new RequestLimits(1_000, 1_000_000, Duration.ofMinutes(15), Duration.ofHours(4)),
                new SchedulerMetrics(new SimpleMeterRegistry()));
        fleet.forEach(world.fleet()::register);
        world.policies().reload();
        return world;
    }

    World world() {
        return world;
    }

    void round() {
        candidacy.poll(Duration.ofMillis(5));
        term.round();
    }

    @Override
    public void close() {
        term.close();
        results.close();
        transactions.close();
    }

    /** Lets so many records pass, and dies at the next one. */
    public static final class Fuse extends ByteArraySerializer {
        private static final AtomicInteger LEFT = new AtomicInteger(Integer.MAX_VALUE);

        static void set(int records) {
            LEFT.set(records);
        }

        static boolean isBlown() {
            return LEFT.get() < 0;
        }

        @Override
        public byte[] serialize(String topic, byte[] data) {
            if (LEFT.decrementAndGet() < 0) {
                throw new IllegalStateException("died at a record for " + topic);
            }
            return data;
        }
    }
}
