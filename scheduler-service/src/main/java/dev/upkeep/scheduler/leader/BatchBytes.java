package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How large a producer's batches may be. A producer splits a batch that the broker finds too large into batches of the size that it was
 * told to make; if the topic takes less than that, it splits them again and again until the transaction's time is over (KAFKA-8350).
 */
final class BatchBytes {
    private static final Logger LOG = LoggerFactory.getLogger(BatchBytes.class);

    /** Several parts of runs go in one batch: a request holds one batch per partition, and all runs share a partition. */
    private static final int MOST = 256 * 1024;

    private BatchBytes() {}

    /** As many as each of the topics that a leader writes takes; without the right to see that, what topics take by default. */
    static int of(Admin admin, KafkaSettings kafka) {
        List<ConfigResource> topics = Stream.of(Topic.RUNS, Topic.COMMANDS, Topic.CONTROLS, Topic.DEAD_LETTERS)
                .map(topic -> new ConfigResource(
                        ConfigResource.Type.TOPIC, kafka.topics().name(topic)))
                .toList();
        try {
            return admin.describeConfigs(topics).all().get(30, TimeUnit.SECONDS).values().stream()
                    .mapToInt(config -> Integer.parseInt(
                            config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()))
                    .reduce(MOST, Math::min);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn(
                    "it cannot be seen how large records of the topics may be; batches have {} bytes, and max.message.bytes"
                            + " must not be less: {}",
                    MOST,
                    e.toString());
            return MOST;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }
}
