package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.scheduler.feed.TopicEnds;
import dev.upkeep.scheduler.run.RunReader;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Follows the runs topic, from as far back as any run may still matter. For one thread. */
final class RunFeed implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final KafkaConsumer<String, byte[]> consumer;
    private final TopicPartition runs;
    private final RunReader reader;
    private final long start;

    RunFeed(KafkaSettings kafka, RunReader reader, Instant since) {
        Map<String, Object> config = kafka.consumer();
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 200);
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 * 1024 * 1024);
        this.consumer = new KafkaConsumer<>(config);
        this.runs = new TopicPartition(kafka.topics().name(Topic.RUNS), 0);
        this.reader = reader;
        consumer.assign(Set.of(runs));
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(Map.of(runs, since.toEpochMilli())).get(runs);
        if (found == null) {
            consumer.seekToEnd(Set.of(runs));
        } else {
            consumer.seek(runs, found.offset());
        }
        this.start = consumer.position(runs);
    }

    /** Takes what has come, waiting so long for something to come; returns the number of records. */
    int poll(Duration wait) {
        ConsumerRecords<String, byte[]> records = consumer.poll(wait);
        reader.read(records);
        if (records.isEmpty() || consumer.currentLag(runs).orElse(1) == 0) {
            reader.settle();
        }
        return records.count();
    }

    /**
     * Reads on to the very end of the topic, past all transactions of earlier leaders that are still open: it waits until they
     * have been decided.
     */
    void catchUp(Admin admin, Runnable afterEach) {
        readTo(TopicEnds.of(admin, Set.of(runs)).getOrDefault(runs, 0L), () -> {
            poll(Duration.ofMillis(200));
            afterEach.run();
        });
        reader.settle();
    }

    /** Reads once more, from as far back as before, what has been read; for what was passed over and turned out to matter. */
    void readAgain(RunReader other) {
        long end = consumer.position(runs);
        consumer.seek(runs, start);
        readTo(end, () -> other.read(consumer.poll(Duration.ofMillis(200))));
        other.settle();
    }

    private void readTo(long end, Runnable step) {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (consumer.position(runs) < end) {
            step.run();
            if (System.nanoTime() > deadline) {
                throw new KafkaException("the runs topic cannot be read to its end at " + end + ", reading stands at "
                        + consumer.position(runs) + ": a transaction is left open, or the broker is too slow");
            }
        }
    }

    @Override
    public void close() {
        consumer.close(Duration.ofSeconds(1));
    }
}
