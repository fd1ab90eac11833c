package dev.upkeep.bench.replay;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.result.Result;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;

/** The results topic: filled with a backlog, and how far a consumer group is in it. */
record ResultsTopic(KafkaSettings settings) {
    private static final int STRETCH = 2_000;
    private static final int PARTITIONS = 4;

    /** Publishes the backlog, each stretch of it shuffled and every tenth result twice; returns the number of records. */
    long fill(Backlog backlog) throws Exception {
        try (Admin admin = Admin.create(settings.admin())) {
            new TopicSetup(admin, settings.topics()).create(PARTITIONS, Optional.of((short) 1));
        }
        Records records = new Records(settings.topics(), "upkeep/bench", Clock.systemUTC());
        Random random = new Random(3);
        long sent = 0;
        try (Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            for (int from = 0; from < backlog.results(); from += STRETCH) {
                List<Integer> numbers = new ArrayList<>();
                for (int i = from; i < Math.min(from + STRETCH, backlog.results()); i++) {
                    numbers.addAll(i % 10 == 0 ? List.of(i, i) : List.of(i));
                }
                Collections.shuffle(numbers, random);
                for (int number : numbers) {
                    Result result = backlog.result(number);
                    var unused = producer.send(records.of(Message.RESULT, result, Optional.empty()));
                }
                sent += numbers.size();
            }
        }
        return sent;
    }

    /** The number of records on it. */
    long end(Admin admin) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = partitions(admin).stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        return admin.listOffsets(ends).all().get().values().stream()
                .mapToLong(end -> end.offset())
                .sum();
    }

    /** The number of records that the reporter has recorded. */
    long recorded(Admin admin) throws Exception {
        return admin
                .listConsumerGroupOffsets(settings.topics().prefix() + "reporter")
                .partitionsToOffsetAndMetadata()
                .get()
                .entrySet()
                .stream()
                .filter(entry -> entry.getKey().topic().equals(name()) && entry.getValue() != null)
                .mapToLong(entry -> entry.getValue().offset())
                .sum();
    }

    private List<TopicPartition> partitions(Admin admin) throws Exception {
        return admin.describeTopics(List.of(name())).allTopicNames().get().values().stream()
                .flatMap(description -> description.partitions().stream())
                .map(partition -> new TopicPartition(name(), partition.partition()))
                .toList();
    }

    String name() {
        return settings.topics().name(Topic.RESULTS);
    }
}
