package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Membership in the group whose owner of the requests' only partition leads. Cooperative assignment lets a leader keep its
 * partition when others join or leave. For one thread.
 */
final class Candidacy implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final TopicPartition requests;
    private final Queue<ConsumerRecord<String, byte[]>> waiting = new ArrayDeque<>();
    private boolean isOwner;
    private boolean wasLost;

    Candidacy(KafkaSettings kafka, LeaderSettings settings) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int)
                settings.sessionTimeout().toMillis());
        config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int)
                settings.sessionTimeout().dividedBy(8).toMillis());
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
        config.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(CooperativeStickyAssignor.class.getName()));
        Map<String, Object> all = kafka.consumer();
        config.forEach(all::putIfAbsent);
        this.consumer = new KafkaConsumer<>(all);
        this.requests = new TopicPartition(kafka.topics().name(Topic.REQUESTS), 0);
        consumer.subscribe(List.of(requests.topic()), new Listener());
    }

    /** Takes part in the group, and fetches requests if this is the owner. */
    void poll(Duration wait) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
            waiting.add(record);
        }
        if (isOwner && waiting.size() > 1_000) {
            consumer.pause(Set.of(requests));
        } else if (isOwner && waiting.isEmpty()) {
            consumer.resume(Set.of(requests));
        }
    }

    /** Whether the partition is this member's. */
    boolean isOwner() {
        return isOwner;
    }

    /** Whether the partition was this member's and no longer is, or was taken and given back in between. */
    boolean wasLost() {
        return wasLost;
    }

    /** Requests that were fetched and are not done; the caller removes what it has done. */
    Queue<ConsumerRecord<String, byte[]>> waiting() {
        return waiting;
    }

    /**
     * What the group has committed. Waits for the end of transactions that earlier owners had already tied to the group, so
     * that none of them can still succeed afterwards.
     */
    Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> others) {
        Set<TopicPartition> all = new java.util.HashSet<>(others);
        all.add(requests);
        return consumer.committed(all, Duration.ofSeconds(60));
    }

    /** The next request to be read. */
    long position() {
        return Optional.ofNullable(waiting.peek())
                .map(ConsumerRecord::offset)
                .orElseGet(() -> consumer.position(requests, Duration.ofSeconds(30)));
    }

    TopicPartition requests() {
        return requests;
    }

    ConsumerGroupMetadata membership() {
        return consumer.groupMetadata();
    }

    @Override
    public void close() {
        consumer.close(Duration.ofSeconds(3));
    }

    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            isOwner |= partitions.contains(requests);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (partitions.contains(requests)) {
                wasLost = true;
                isOwner = false;
                waiting.clear();
            }
        }
    }
}
