package dev.upkeep.reporter.kafka;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.KafkaUnavailable;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/** The topics without which the reporter cannot work. Thread-safe. */
@Singleton
public final class NeededTopics {
    /** What is read, and what is written. */
    private static final Set<Topic> NEEDED = EnumSet.of(
            Topic.RESULTS,
            Topic.PROGRESS,
            Topic.EXECUTORS,
            Topic.RUNS,
            Topic.CONTROLS,
            Topic.ALERTS,
            Topic.DEAD_LETTERS);

    private final TopicSetup setup;
    private final Topics topics;
    private final String bootstrap;

    @Inject
    NeededTopics(Admin admin, KafkaSettings settings) {
        this.setup = new TopicSetup(admin, settings.topics());
        this.topics = settings.topics();
        this.bootstrap = settings.bootstrap();
    }

    /** What is missing and what to do about it, or empty when all is there. */
    public Optional<String> problem() {
        try {
            Set<Topic> missing = setup.missing(NEEDED);
            if (missing.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of("missing topics, or no right to see them: "
                    + missing.stream().map(topics::name).sorted().collect(Collectors.joining(", "))
                    + "; create them with the topics command, or set upkeep.kafka.topic-prefix");
        } catch (KafkaUnavailable e) {
            return Optional.of("Kafka at " + bootstrap + ": " + e.getMessage() + "; check upkeep.kafka.bootstrap");
        }
    }
}
