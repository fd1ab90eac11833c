package dev.upkeep.common.kafka;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the topics that are missing, and says what is wrong with those that are there. Idempotent: a second call changes
 * nothing. Never changes or removes a topic.
 */
public final class TopicSetup {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Admin admin;
    private final Topics topics;

    /** The caller closes the admin client. */
    public TopicSetup(Admin admin, Topics topics) {
        this.admin = admin;
        this.topics = topics;
    }

    /**
     * Creates what is missing, and returns when records can be written to it.
     *
     * @param lanes partitions of the topics that are spread; existing topics keep theirs
     * @param replication copies of each partition; the broker's default if absent
     * @return the names of the topics that were created
     * @throws KafkaUnavailable if the broker cannot be reached or refuses; the message says what to do
     */
    public List<String> create(int lanes, Optional<Short> replication) {
        Check.between("lanes", lanes, 1, 10_000);
        List<NewTopic> wanted = new ArrayList<>();
        for (Topic topic : missing(EnumSet.allOf(Topic.class))) {
            int partitions = topic.isSpread() ? lanes : 1;
            wanted.add(new NewTopic(topics.name(topic), Optional.of(partitions), replication)
                    .configs(topic.configuration()));
        }
        Set<String> created = new LinkedHashSet<>();
        admin.createTopics(wanted).values().forEach((name, future) -> {
            try {
                Answer.of(future, "create topic " + name);
                created.add(name);
            } catch (KafkaUnavailable e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        });
        awaitLeaders(
                wanted.stream().filter(topic -> created.contains(topic.name())).toList());
        return List.copyOf(created);
    }

    /**
     * A broker knows of a new topic a little before it leads its partitions. It refuses the first records of a producer meanwhile; if
     * it then takes later ones first, an idempotent producer cannot send the first ones any more and gives them up.
     */
    private void awaitLeaders(List<NewTopic> created) {
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        for (NewTopic topic : created) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                partitions.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isLed(partitions, System.nanoTime() > end)) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
    }

    private boolean isLed(Map<TopicPartition, OffsetSpec> partitions, boolean isLastLook) {
        try {
            Answer.of(admin.listOffsets(partitions).all(), "see the new topics in use");
            return true;
        } catch (KafkaUnavailable e) {
            if (isLastLook || !(e.getCause() instanceof RetriableException)) {
                throw e;
            }
            return false;
        }
    }

    /** Which of these are not there, or not to be seen with the rights of this client. */
    public Set<Topic> missing(Set<Topic> wanted) {
        Set<Topic> missing = EnumSet.noneOf(Topic.class);
        missing.addAll(wanted);
        missing.removeAll(partitions(wanted).keySet());
        return missing;
    }

    /** The number of partitions of those of these topics that exist. */
    public Map<Topic, Integer> partitions(Set<Topic> wanted) {
        Map<Topic, Integer> partitions = new EnumMap<>(Topic.class);
        Map<String, KafkaFuture<TopicDescription>> descriptions =
                admin.describeTopics(wanted.stream().map(topics::name).toList()).topicNameValues();
        for (Topic topic : wanted) {
            String name = topics.name(topic);
            KafkaFuture<TopicDescription> description = Objects.requireNonNull(descriptions.get(name));
            try {
                partitions.put(
                        topic,
                        Answer.of(description, "look at topic " + name)
                                .partitions()
                                .size());
            } catch (KafkaUnavailable e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return partitions;
    }
}
