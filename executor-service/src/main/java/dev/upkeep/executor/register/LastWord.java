package dev.upkeep.executor.register;

import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.wire.Unreadable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jboss.logging.Logger;

/**
 * What this executor last said of itself on the compacted topic of registrations: with it a new journal is told from a lost one.
 * Looked up once in the life of a journal, before its first command. Used by one thread.
 */
final class LastWord {
    private static final Logger LOG = Logger.getLogger(LastWord.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaSettings kafka;

    LastWord(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Holds a journal that was never compared against it; throws Kafka's exception when it cannot be read for now. */
    void compare(Self self) {
        if (self.journal().isCompared()) {
            return;
        }
        Instant born = self.journal().born();
        try {
            Optional<Registration> last = read(self.executor());
            boolean isLost = last.isPresent() && !last.get().journalBornAt().equals(Optional.of(born));
            self.journal().compared(isLost);
            if (isLost) {
                LOG.errorf(
                        "THE JOURNAL IS NEW, BUT EXECUTOR %s IS NOT: it registered at %s on host %s with a journal %s. That one was"
                                + " deleted, or its folder moved or not mounted, or two executors have one name. Commands issued"
                                + " before %s that write are not run by themselves, since nobody knows whether they were carried"
                                + " out; what the old journal had accepted and not ended has no result, and is to be ordered anew",
                        self.executor(),
                        last.get().at(),
                        last.get().host(),
                        last.get().journalBornAt().map(birth -> "of " + birth).orElse("of unknown age"),
                        born);
            }
        } catch (AuthorizationException e) {
            self.journal().compared(false);
            LOG.warnf(
                    "a new journal begins, and nobody can say whether it is the first, as %s may not be read: %s",
                    kafka.topics().name(Topic.EXECUTORS), e.getMessage());
        }
    }

    private Optional<Registration> read(ExecutorId executor) {
        TopicPartition partition = new TopicPartition(kafka.topics().name(Topic.EXECUTORS), 0);
        Optional<Registration> last = Optional.empty();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(partition));
            while (consumer.position(partition) < ends.getOrDefault(partition, 0L)) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (executor.text().equals(record.key()) && record.value() != null) {
                        last = readable(record);
                    }
                }
            }
        }
        return last;
    }

    private static Optional<Registration> readable(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(Records.read(record, Message.REGISTRATION));
        } catch (Unreadable e) {
            LOG.debugf("an earlier registration cannot be read: %s", e.reason());
            return Optional.empty();
        }
    }
}
