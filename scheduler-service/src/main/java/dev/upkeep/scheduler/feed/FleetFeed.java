package dev.upkeep.scheduler.feed;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps fleet and controls as the topics say, from their beginning, for as long as it runs. Records that cannot be read are
 * passed over with a warning. Has a thread of its own; when Kafka is away it tries again.
 */
public final class FleetFeed implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FleetFeed.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final KafkaSettings kafka;
    private final Fleet fleet;
    private final Controls controls;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean isCaughtUp;
    private volatile Map<TopicPartition, Long> places = Map.of();

    /** Not yet running. */
    public FleetFeed(KafkaSettings kafka, Fleet fleet, Controls controls) {
        this.kafka = kafka;
        this.fleet = fleet;
        this.controls = controls;
    }

    /** Whether all that was on the topics at the start has been read. */
    public boolean isCaughtUp() {
        return isCaughtUp;
    }

    /**
     * Waits until all that stands on the topics now has been read: a new leader must know the controls that were published before it
     * took over, however short ago.
     */
    public void catchUp(Admin admin) {
        Map<TopicPartition, Long> ends = TopicEnds.of(admin, partitions());
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!isAt(ends)) {
            if (isStopped(10)) {
                throw new KafkaException("stopped");
            }
            if (System.nanoTime() > deadline) {
                throw new KafkaException("executors and controls cannot be read to their ends at " + ends
                        + ", reading stands at " + places + ": a transaction is left open, or the broker is too slow");
            }
        }
    }

    private boolean isAt(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> places.getOrDefault(end.getKey(), -1L) >= end.getValue());
    }

    private List<TopicPartition> partitions() {
        return List.of(
                new TopicPartition(kafka.topics().name(Topic.EXECUTORS), 0),
                new TopicPartition(kafka.topics().name(Topic.CONTROLS), 0));
    }

    /** Ends {@link #run()} soon. */
    public void stop() {
        stopped.countDown();
    }

    @Override
    public void run() {
        boolean over = false;
        while (!over) {
            try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
                follow(consumer);
            } catch (KafkaException e) {
                LOG.warn("executors and controls cannot be read, trying again: {}", e.toString());
            }
            over = isStopped(1_000);
        }
    }

    private void follow(KafkaConsumer<String, byte[]> consumer) {
        List<TopicPartition> partitions = partitions();
        places = Map.of();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (!isStopped(0)) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                take(record);
            }
            places = partitions.stream().collect(Collectors.toMap(partition -> partition, consumer::position));
            isCaughtUp |= isAt(ends);
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        try {
            if (record.topic().equals(kafka.topics().name(Topic.EXECUTORS))) {
                if (record.value() == null) {
                    fleet.forget(new ExecutorId(record.key()));
                } else {
                    Registration registration = Records.read(record, Message.REGISTRATION);
                    fleet.register(registration);
                }
            } else if (record.value() == null) {
                controls.remove(new ControlId(record.key()));
            } else {
                controls.put(Records.read(record, Message.CONTROL));
            }
        } catch (Unreadable e) {
            LOG.warn("{} at offset {} passed over: {}", record.topic(), record.offset(), e.reason());
        } catch (InvalidValue e) {
            LOG.warn("{} at offset {} passed over: {}", record.topic(), record.offset(), e.getMessage());
        }
    }

    private boolean isStopped(long waitMillis) {
        try {
            return stopped.await(waitMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
