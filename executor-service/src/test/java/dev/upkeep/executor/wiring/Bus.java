package dev.upkeep.executor.wiring;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.local.server.TestServers;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/** The other side of the bus: topics of a test's own on the shared broker, commands out, results in. */
final class Bus implements AutoCloseable {
    static final int LANES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaSettings kafka;
    private final KafkaProducer<String, byte[]> producer;
    private final Records records;
    private final Map<Topic, KafkaConsumer<String, byte[]>> consumers = new java.util.EnumMap<>(Topic.class);
    private final Map<Topic, List<ConsumerRecord<String, byte[]>>> seen = new java.util.EnumMap<>(Topic.class);

    private Bus(KafkaSettings kafka) {
        this.kafka = kafka;
        this.producer = new KafkaProducer<>(kafka.producer());
        this.records = new Records(kafka.topics(), "test", Clock.systemUTC());
    }

    static Bus create() {
        return create(TestServers.bootstrapServers());
    }

    static Bus create(String bootstrap) {
        Bus bus = new Bus(new KafkaSettings(bootstrap, new Topics(TestServers.unique("exec") + "."), "test", Map.of()));
        try (Admin admin = Admin.create(bus.kafka.admin())) {
            new TopicSetup(admin, bus.kafka.topics()).create(LANES, Optional.of((short) 1));
        }
        return bus;
    }

    KafkaSettings kafka() {
        return kafka;
    }

    ProducerRecord<String, byte[]> record(Command command) {
        return records.of(Message.COMMAND, command, lane(command.executor()), Optional.of("00-abc-def-01"));
    }

    void send(Command command) {
        send(record(command));
    }

    void send(Cancel cancel) {
        send(records.of(Message.CANCEL, cancel, lane(cancel.executor()), Optional.empty()));
    }

    void send(ExecutorId executor, byte[] value) {
        send(new ProducerRecord<>(kafka.topics().name(Topic.COMMANDS), lane(executor), executor.text(), value));
    }

    void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int lane(ExecutorId executor) {
        return Lane.of(executor, LANES).number();
    }

    /** All that the topic holds by now. */
    List<ConsumerRecord<String, byte[]>> all(Topic topic) {
        KafkaConsumer<String, byte[]> consumer = consumers.computeIfAbsent(topic, wanted -> {
            KafkaConsumer<String, byte[]> made = new KafkaConsumer<>(kafka.consumer());
            List<TopicPartition> partitions = made.partitionsFor(kafka.topics().name(wanted)).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            made.assign(partitions);
            made.seekToBeginning(partitions);
            return made;
        });
        List<ConsumerRecord<String, byte[]>> all = seen.computeIfAbsent(topic, wanted -> new ArrayList<>());
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
        return List.copyOf(all);
    }

    /** The results of a command by now. */
    List<Result> results(Command command) {
        return all(Topic.RESULTS).stream()
                .map(Bus::result)
                .filter(result -> result.command().equals(command.id()))
                .toList();
    }

    private static Result result(ConsumerRecord<String, byte[]> record) {
        try {
            return Records.read(record, Message.RESULT);
        } catch (Unreadable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one result of a command, waited for. */
    Result result(Command command) {
        Awaitility.await("result of " + command.id())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !results(command).isEmpty());
        return results(command).get(0);
    }

    /** The records of a topic, once there are so many. */
    List<ConsumerRecord<String, byte[]>> await(Topic topic, int least) {
        Awaitility.await(least + " records on " + topic)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> all(topic).size() >= least);
        return all(topic);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
        consumers.values().forEach(KafkaConsumer::close);
    }
}
