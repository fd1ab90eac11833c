package dev.upkeep.executor.register;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.KafkaUnavailable;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Looks for the topics that an executor needs. Thread-safe. */
public final class TopicLook {
    private static final Set<Topic> NEEDED =
            EnumSet.of(Topic.COMMANDS, Topic.RESULTS, Topic.PROGRESS, Topic.EXECUTORS, Topic.DEAD_LETTERS);

    private final KafkaSettings kafka;

    public TopicLook(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    LastWord lastWord() {
        return new LastWord(kafka);
    }

    /**
     * What was seen.
     *
     * @param problem which topics are missing, or why nothing could be seen; empty if all are there
     */
    record Seen(int lanes, String problem) {}

    Seen look() {
        try (Admin admin = Admin.create(kafka.admin())) {
            Map<Topic, Integer> partitions = new TopicSetup(admin, kafka.topics()).partitions(NEEDED);
            String missing = NEEDED.stream()
                    .filter(topic -> !partitions.containsKey(topic))
                    .map(kafka.topics()::name)
                    .collect(Collectors.joining(", "));
            return missing.isEmpty()
                    ? new Seen(partitions.getOrDefault(Topic.COMMANDS, 0), "")
                    : new Seen(
                            0,
                            "topics are missing, or not to be seen with this client's rights: " + missing
                                    + "; create them with: upkeep topics create");
        } catch (KafkaUnavailable | KafkaException e) {
            return new Seen(0, "Kafka at " + kafka.bootstrap() + " does not answer: " + e.getMessage());
        }
    }
}
