package dev.upkeep.cli;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the results that are on the topic, oldest first in each partition. */
@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        description = "Prints results from the topic, one line per task.")
final class ResultsCommand implements Runnable {
    @Mixin
    private Connection connection = new Connection();

    @Option(names = "--run", description = "only results of this run")
    private @Nullable String run;

    @Option(names = "--database", description = "only results of this database")
    private @Nullable String database;

    @Option(names = "--json", description = "whole results, one JSON object per line")
    private boolean isJson;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        KafkaSettings settings = connection.settings();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(settings.topics().name(Topic.RESULTS))
                    .stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(
                            partition -> consumer.position(partition) < Objects.requireNonNull(ends.get(partition)))) {
                consumer.poll(Duration.ofMillis(200)).forEach(next -> print(next, out));
            }
        }
        out.flush();
    }

    private void print(ConsumerRecord<String, byte[]> next, PrintWriter out) {
        Result result;
        try {
            result = Records.read(next, Message.RESULT);
        } catch (Unreadable e) {
            out.println("a result could not be read: " + e.getMessage());
            return;
        }
        if ((run != null && !result.run().text().equals(run))
                || (database != null && !result.database().text().equals(database))) {
            return;
        }
        if (isJson) {
            out.println(new String(Wire.write(result), StandardCharsets.UTF_8));
            return;
        }
        if (result.tasks().isEmpty()) {
            out.printf("%s  %-60s %s%n", result.endedAt(), result.command(), EnumText.of(result.outcome()));
        }
        for (TaskResult task : result.tasks()) {
            out.printf(
                    "%s  %-60s %-16s %-14s %s%n",
                    result.endedAt(),
                    result.command(),
                    task.task(),
                    EnumText.of(task.outcome()),
                    task.reason().map(Object::toString).orElse(""));
        }
    }
}
