package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.Unreadable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Follows all partitions of the results topic, from the offsets that the group has committed. Results that cannot be read are
 * passed over: the reporter keeps them as dead letters. For one thread.
 */
final class ResultFeed implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<TopicPartition> partitions;
    private Map<TopicPartition, Long> ends = Map.of();

    ResultFeed(KafkaSettings kafka) {
        Map<String, Object> config = kafka.consumer();
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 300);
        this.consumer = new KafkaConsumer<>(config);
        String topic = kafka.topics().name(Topic.RESULTS);
        this.partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
    }

    List<TopicPartition> partitions() {
        return partitions;
    }

    void startFrom(Map<TopicPartition, OffsetAndMetadata> committed) {
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset == null) {
                consumer.seekToBeginning(List.of(partition));
            } else {
                consumer.seek(partition, offset.offset());
            }
        }
        ends = consumer.endOffsets(partitions);
    }

    /** Whether all that was on the topic at the start has been handed out. */
    boolean isCaughtUp() {
        if (ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
            ends = Map.of();
        }
        return ends.isEmpty();
    }

    /** What has come, without waiting. */
    List<Result> poll() {
        List<Result> results = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ZERO)) {
            result(record).ifPresent(results::add);
        }
        return results;
    }

    private static Optional<Result> result(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(Records.read(record, Message.RESULT));
        } catch (Unreadable e) {
            return Optional.empty();
        }
    }

    /** The offsets up to which results have been handed out. */
    Map<TopicPartition, OffsetAndMetadata> positions() {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (TopicPartition partition : partitions) {
            positions.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        }
        return positions;
    }

    @Override
    public void close() {
        consumer.close(Duration.ofSeconds(1));
    }
}
