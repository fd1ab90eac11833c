package dev.upkeep.local.up;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * What the topics of runs, results and executors say, as it comes in: a reader like any other, without a group. Knows the newest
 * records of each partition only. Thread-safe.
 */
public final class RunWatch implements AutoCloseable {
    private static final List<Topic> TOPICS = List.of(Topic.RUNS, Topic.RESULTS, Topic.EXECUTORS);
    private static final long NEWEST = 500;

    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<RunId, TreeMap<Integer, RunState>> runs = new HashMap<>();
    private final Map<CommandId, Result> results = new HashMap<>();
    private final Map<ExecutorId, Registration> executors = new HashMap<>();
    private final Thread thread;

    private RunWatch(KafkaSettings settings) {
        this.consumer = new KafkaConsumer<>(settings.consumer());
        List<TopicPartition> partitions = TOPICS.stream()
                .flatMap(topic -> consumer.partitionsFor(settings.topics().name(topic)).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
        consumer.endOffsets(partitions)
                .forEach((partition, end) ->
                        consumer.seek(partition, Math.max(starts.getOrDefault(partition, 0L), end - NEWEST)));
        this.thread = new Thread(() -> read(settings), "run-watch");
        thread.setDaemon(true);
    }

    public static RunWatch start(KafkaSettings settings) {
        RunWatch watch = new RunWatch(settings);
        watch.thread.start();
        return watch;
    }

    private void read(KafkaSettings settings) {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    take(settings, record);
                }
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    private synchronized void take(KafkaSettings settings, ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            if (record.topic().equals(settings.topics().name(Topic.RUNS))) {
                RunState run = Records.read(record, Message.RUN_STATE);
                runs.computeIfAbsent(run.run(), id -> new TreeMap<>()).put(run.part(), run);
            } else if (record.topic().equals(settings.topics().name(Topic.RESULTS))) {
                Result result = Records.read(record, Message.RESULT);
                results.put(result.command(), result);
            } else {
                Registration registration = Records.read(record, Message.REGISTRATION);
                executors.put(registration.executor(), registration);
            }
        } catch (Unreadable e) {
            // the services write such records to the dead letters; here they are only not shown
        }
    }

    /** The state of a run, once there is one. */
    public synchronized Optional<RunState> run(RunId id) {
        return Optional.ofNullable(runs.get(id)).map(parts -> parts.firstEntry().getValue());
    }

    /** The result of a command, once it has arrived. */
    public synchronized Optional<Result> result(CommandId command) {
        return Optional.ofNullable(results.get(command));
    }

    /** The databases that executors have reached and registered. */
    public synchronized List<String> reachableDatabases() {
        return executors.values().stream()
                .flatMap(registration -> registration.databases().stream())
                .filter(database -> database.problem().isEmpty())
                .map(RegisteredDatabase::id)
                .map(Object::toString)
                .sorted()
                .toList();
    }

    /** A line for each database of each known run, in the order of the runs' times. */
    synchronized List<RunLine> lines() {
        List<RunLine> lines = new ArrayList<>();
        for (TreeMap<Integer, RunState> parts : runs.values()) {
            int before = lines.size();
            for (RunState part : parts.values()) {
                for (Target target : part.targets()) {
                    lines.add(RunLine.of(part, target, Optional.ofNullable(results.get(target.command()))));
                }
            }
            if (lines.size() == before) {
                lines.add(RunLine.of(parts.firstEntry().getValue()));
            }
        }
        lines.sort(
                Comparator.comparing(RunLine::since).thenComparing(RunLine::run).thenComparing(RunLine::database));
        return lines;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
