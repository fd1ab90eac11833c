package dev.upkeep.e2e;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** A foreigner on the bus: publishes plain text without a key, and keeps every record of every topic in the order it came, as long as the JVM lives. */
final class Bus {
    private final KafkaSettings settings;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    private final Map<String, List<Result>> byRun = new HashMap<>();
    private int grouped;
    private final Thread thread = new Thread(this::read, "bus");

    Bus(KafkaSettings settings) {
        this.settings = settings;
        this.consumer = new KafkaConsumer<>(settings.consumer());
        List<TopicPartition> partitions = Arrays.stream(Topic.values())
                .flatMap(topic -> consumer.partitionsFor(settings.topics().name(topic)).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        while (true) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                synchronized (records) {
                    records.add(record);
                }
            }
        }
    }

    /** Publishes as any producer in any language could: text, no key, no headers. */
    void publish(String json) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", settings.bootstrap()), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(settings.topics().name(Topic.REQUESTS), json))
                    .get(20, TimeUnit.SECONDS);
        }
    }

    /** Publishes what an executor would, though none has. */
    void publishResult(Result result) throws Exception {
        Records records = new Records(settings.topics(), "stranger", Clock.systemUTC());
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            producer.send(records.of(Message.RESULT, result, Optional.empty())).get(20, TimeUnit.SECONDS);
        }
    }

    private List<ConsumerRecord<String, byte[]>> of(Topic topic) {
        String name = settings.topics().name(topic);
        synchronized (records) {
            return records.stream()
                    .filter(record -> record.topic().equals(name) && record.value() != null)
                    .toList();
        }
    }

    /** The newest state of a run, of its first part. */
    Optional<RunState> run(String id) {
        RunId run = new RunId(id);
        return of(Topic.RUNS).stream()
                .map(record -> message(record, Message.RUN_STATE))
                .filter(state -> state.run().equals(run) && state.part() == 0)
                .reduce((older, newer) -> newer);
    }

    /** All states of runs that nobody gave an id to. */
    List<RunState> runs() {
        return of(Topic.RUNS).stream()
                .map(record -> message(record, Message.RUN_STATE))
                .toList();
    }

    /** How each target of a run ended; empty while any has not. */
    Optional<List<Target>> ended(String id) {
        return run(id).filter(state -> state.status() == RunState.Status.ENDED).map(RunState::targets);
    }

    /** Every result record of a command, repeats included. */
    List<Result> results(CommandId command) {
        return of(Topic.RESULTS).stream()
                .map(record -> message(record, Message.RESULT))
                .filter(result -> result.command().equals(command))
                .toList();
    }

    List<Result> results(String run) {
        return of(Topic.RESULTS).stream()
                .map(record -> message(record, Message.RESULT))
                .filter(result -> result.run().text().equals(run))
                .toList();
    }

    /** All results, repeats included, by the text of their run; each record is read once, however often this is asked. */
    Map<String, List<Result>> resultsByRun() {
        List<ConsumerRecord<String, byte[]>> all = of(Topic.RESULTS);
        synchronized (byRun) {
            for (ConsumerRecord<String, byte[]> record : all.subList(grouped, all.size())) {
                Result result = message(record, Message.RESULT);
                byRun.computeIfAbsent(result.run().text(), run -> new ArrayList<>())
                        .add(result);
            }
            grouped = all.size();
            return Map.copyOf(byRun);
        }
    }

    /** What was told of a run while it went on. */
    List<Progress> progress(String run) {
        return of(Topic.PROGRESS).stream()
                .map(record -> message(record, Message.PROGRESS))
                .filter(told -> told.run().text().equals(run))
                .toList();
    }

    /** All that was told on the alerts topic. */
    List<Alert> alerts() {
        return of(Topic.ALERTS).stream()
                .map(record -> message(record, Message.ALERT))
                .toList();
    }

    List<Alert> alerts(String database) {
        return alerts().stream()
                .filter(alert ->
                        alert.database().map(id -> id.text().equals(database)).orElse(false))
                .toList();
    }

    /** What each dead letter says about itself, with the text that could not be read. */
    List<DeadLetter> deadLetters() {
        return of(Topic.DEAD_LETTERS).stream()
                .map(record -> new DeadLetter(
                        new String(record.value(), StandardCharsets.UTF_8),
                        Records.header(record.headers(), "upkeep_source_topic").orElse(""),
                        Records.header(record.headers(), "upkeep_error_code").orElse(""),
                        Records.header(record.headers(), "upkeep_error").orElse("")))
                .toList();
    }

    record DeadLetter(String text, String topic, String code, String error) {}

    private static <T> T message(ConsumerRecord<String, byte[]> record, Message<T> kind) {
        try {
            return Records.read(record, kind);
        } catch (Unreadable e) {
            throw new AssertionError("a record of " + record.topic() + " cannot be read: " + e.reason(), e);
        }
    }
}
