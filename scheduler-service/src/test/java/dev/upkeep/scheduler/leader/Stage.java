package dev.upkeep.scheduler.leader;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.LaneMessage;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.local.server.TestServers;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.feed.FleetFeed;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.metric.SchedulerMetrics;
import dev.upkeep.scheduler.policy.Policies;
import dev.upkeep.scheduler.request.RequestLimits;
import dev.upkeep.scheduler.run.RunBook;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A real broker with topics of its own, replicas on it, and a test's hands on the topics. */
final class Stage implements AutoCloseable {
    static final int LANES = 4;

    private final KafkaSettings kafka;
    private final Records records = new Records(Topics.DEFAULT, "test", Clock.systemUTC());
    private final KafkaProducer<String, byte[]> producer;
    private final List<Replica> replicas = new ArrayList<>();
    private final Path policies;
    private final Map<Topic, Reading> readings = new HashMap<>();
    private final Clock clock;
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    Stage(Path policies, Clock clock) {
        this(policies, clock, TestServers.bootstrapServers());
    }

    Stage(Path policies, Clock clock, String bootstrap) {
        this.policies = policies;
        this.clock = clock;
        Topics topics = new Topics(TestServers.unique("scheduler") + ".");
        this.kafka = new KafkaSettings(bootstrap, topics, "test", Map.of());
        try (Admin admin = Admin.create(kafka.admin())) {
            new TopicSetup(admin, topics).create(LANES, Optional.of((short) 1));
        }
        Map<String, Object> patient = kafka.producer();
        patient.put("delivery.timeout.ms", 300_000);
        patient.put("max.block.ms", 300_000);
        this.producer = new KafkaProducer<>(patient);
    }

    /** What all replicas counted. */
    MeterRegistry metrics() {
        return metrics;
    }

    KafkaSettings kafka() {
        return kafka;
    }

    /** A replica that runs until it is stopped. */
    World replica(String name) {
        return replica(name, Duration.ofSeconds(6));
    }

    World replica(String name, Duration sessionTimeout) {
        return replica(name, sessionTimeout, Optional.empty());
    }

    World replica(String name, Duration sessionTimeout, Optional<Signer> signer) {
        return replica(name, sessionTimeout, signer, kafka);
    }

    /** A replica that reads fleet and controls in a way of its own. */
    World replica(String name, KafkaSettings ofItsFeed) {
        return replica(name, Duration.ofSeconds(6), Optional.empty(), ofItsFeed);
    }

    private World replica(String name, Duration sessionTimeout, Optional<Signer> signer, KafkaSettings ofItsFeed) {
        World world = new World(
                clock,
                new Fleet(),
                new Controls(),
                new Policies(policies),
                new RunBook(Duration.ofDays(3), 100_000),
                new RequestLimits(100, 1_000_000, Duration.ofMinutes(15), Duration.ofHours(4)),
                new SchedulerMetrics(metrics));
        FleetFeed feed = new FleetFeed(ofItsFeed, world.fleet(), world.controls());
        Replica replica = Replica.named(name)
                .sessionTimeout(sessionTimeout)
                .grace(Duration.ofSeconds(30))
                .signs(signer)
                .in(kafka, world, feed);
        replicas.add(replica);
        replica.start(world.policies(), Duration.ofMillis(200), feed);
        return world;
    }

    Replica replica(int index) {
        return replicas.get(index);
    }

    long leaders() {
        return replicas.stream()
                .filter(replica -> replica.standing().role() == Standing.Role.LEADER)
                .count();
    }

    /** Publishes text on the requests topic, as any tool could: no key, no headers. */
    long request(String json) {
        return send(
                new ProducerRecord<>(kafka.topics().name(Topic.REQUESTS), null, json.getBytes(StandardCharsets.UTF_8)));
    }

    void register(Registration registration) {
        send(own(records.of(Message.REGISTRATION, registration, Optional.empty())));
    }

    void control(Control control) {
        send(own(records.of(Message.CONTROL, control, Optional.empty())));
    }

    /** Ends a control before its time. */
    void end(ControlId control) {
        send(new ProducerRecord<>(kafka.topics().name(Topic.CONTROLS), control.text(), null));
    }

    /** An executor with databases of one engine, that offers all tasks. */
    Registration executor(String id, Engine engine, Map<String, String> labels, String... databases) {
        ExecutorId executor = new ExecutorId(id);
        List<RegisteredDatabase> registered = java.util.Arrays.stream(databases)
                .map(database -> new RegisteredDatabase(
                        new DatabaseId(database),
                        engine,
                        Optional.of("16.4"),
                        labels,
                        Optional.empty(),
                        engine == Engine.POSTGRESQL
                                ? Task.names().stream()
                                        .filter(task -> !task.equals("checkpoint"))
                                        .toList()
                                : Task.names(),
                        List.of()))
                .toList();
        Registration registration = new Registration(
                executor,
                "0.1.0",
                "localhost",
                clock.instant(),
                clock.instant(),
                Duration.ofDays(30),
                Lane.of(executor, LANES),
                LANES,
                false,
                registered,
                List.of(),
                Map.of(),
                Optional.empty());
        register(registration);
        return registration;
    }

    /** The result that an executor would publish for this command. */
    void result(Command command, Outcome outcome, Reason... reasons) {
        result(command, outcome, List.of(), reasons);
    }

    /** A good result of this command, with one finding of a health check. */
    void finding(Command command, String check, Severity severity) {
        Finding finding = new Finding(check, severity, "", "24 %", "20 %", "built-in", "vacuum it");
        TaskResult task = new TaskResult(
                "health-check",
                JsonNodeFactory.instance.objectNode(),
                Outcome.SUCCEEDED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(finding),
                List.of(),
                false);
        result(command, Outcome.SUCCEEDED, List.of(task));
    }

    private void result(Command command, Outcome outcome, List<TaskResult> tasks, Reason... reasons) {
        Instant now = clock.instant();
        Result result = Result.of(command, outcome, List.of(reasons), 1, now, Optional.of(now), now, tasks);
        send(own(records.of(Message.RESULT, result, Optional.empty())));
    }

    /** The newest committed state of each run part, by key. */
    Map<String, RunState> runs() {
        Map<String, RunState> states = new LinkedHashMap<>();
        all(Topic.RUNS).forEach(record -> {
            RunState state = read(record, Message.RUN_STATE);
            states.put(state.key(), state);
        });
        return states;
    }

    /** All committed commands and cancels, with the partition they are on. */
    Map<LaneMessage, Integer> lanes() {
        Map<LaneMessage, Integer> messages = new LinkedHashMap<>();
        for (ConsumerRecord<String, byte[]> record : all(Topic.COMMANDS)) {
            String type = Records.header(record.headers(), Records.TYPE).orElseThrow();
            messages.put(
                    type.equals(Message.COMMAND.eventType())
                            ? read(record, Message.COMMAND)
                            : read(record, Message.CANCEL),
                    record.partition());
        }
        return messages;
    }

    List<Command> commands() {
        return all(Topic.COMMANDS).stream()
                .filter(record ->
                        Records.header(record.headers(), Records.TYPE).equals(Optional.of(Message.COMMAND.eventType())))
                .map(record -> read(record, Message.COMMAND))
                .toList();
    }

    /** All committed records of a topic up to its end. */
    synchronized List<ConsumerRecord<String, byte[]>> all(Topic topic) {
        Reading reading = readings.computeIfAbsent(topic, first -> new Reading(kafka, first));
        return reading.toTheEnd();
    }

    /** One reader per topic, which goes on where it stopped. */
    private static final class Reading {
        private final KafkaConsumer<String, byte[]> consumer;
        private final List<TopicPartition> partitions;
        private final List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();

        Reading(KafkaSettings kafka, Topic topic) {
            consumer = new KafkaConsumer<>(kafka.consumer());
            partitions = consumer.partitionsFor(kafka.topics().name(topic)).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        List<ConsumerRecord<String, byte[]>> toTheEnd() {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
            return List.copyOf(found);
        }
    }

    private static <T> T read(ConsumerRecord<String, byte[]> record, Message<T> kind) {
        try {
            return Records.read(record, kind);
        } catch (Unreadable e) {
            throw new AssertionError(e);
        }
    }

    private ProducerRecord<String, byte[]> own(ProducerRecord<String, byte[]> record) {
        String topic = kafka.topics().prefix()
                + record.topic().substring(Topics.DEFAULT.prefix().length());
        return new ProducerRecord<>(topic, record.partition(), record.key(), record.value(), record.headers());
    }

    private long send(ProducerRecord<String, byte[]> record) {
        try {
            return producer.send(record).get(300, TimeUnit.SECONDS).offset();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        replicas.forEach(Replica::stop);
        readings.values().forEach(reading -> reading.consumer.close());
        producer.close();
    }
}
