package dev.upkeep.reporter.intake;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.reporter.deadletter.DeadLetter;
import dev.upkeep.reporter.intake.Batch.Place;
import dev.upkeep.reporter.result.Received;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads records into batches. What cannot be read is set aside with its reason; nothing else is stopped by it. */
final class Reading {
    /** What is read. */
    static final Set<Topic> READ =
            EnumSet.of(Topic.RESULTS, Topic.RUNS, Topic.EXECUTORS, Topic.PROGRESS, Topic.CONTROLS, Topic.DEAD_LETTERS);

    private final Map<String, Topic> byName;

    Reading(Topics topics) {
        this.byName = Arrays.stream(Topic.values()).collect(Collectors.toMap(topics::name, Function.identity()));
    }

    /** Reads records in order; {@code topicIds} says which incarnation of each topic they come from. */
    Batch read(Iterable<ConsumerRecord<String, byte[]>> records, Map<String, String> topicIds) {
        Batch batch = Batch.empty();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                read(record, batch);
            } catch (Unreadable e) {
                batch.unread().add(new Unread(record, e.reason()));
            }
            batch.places()
                    .put(
                            new Place(record.topic(), record.partition(), topicIds.getOrDefault(record.topic(), "")),
                            record.offset() + 1);
        }
        return batch;
    }

    private void read(ConsumerRecord<String, byte[]> record, Batch batch) throws Unreadable {
        Topic topic = byName.get(record.topic());
        if (topic == null) {
            throw new IllegalStateException("nobody asked for topic " + record.topic());
        }
        String key = String.valueOf(record.key());
        switch (topic) {
            case RESULTS -> batch.results().add(Received.of(message(record, Message.RESULT), record.value()));
            case RUNS -> {
                if (record.value() != null) {
                    batch.runs().put(key, message(record, Message.RUN_STATE));
                }
            }
            case EXECUTORS -> {
                Optional<Registration> statement = orTombstone(record, Message.REGISTRATION);
                batch.executors().put(statement.map(s -> s.executor().text()).orElse(key), statement);
            }
            case PROGRESS -> batch.progress().put(key, message(record, Message.PROGRESS));
            case CONTROLS -> {
                Optional<Control> control = orTombstone(record, Message.CONTROL);
                batch.controls().put(control.map(c -> c.id().text()).orElse(key), control);
            }
            case DEAD_LETTERS -> batch.deadLetters().add(DeadLetter.of(record));
            default -> throw new IllegalStateException("nobody asked for topic " + record.topic());
        }
    }

    private static <T> Optional<T> orTombstone(ConsumerRecord<String, byte[]> record, Message<T> kind)
            throws Unreadable {
        return record.value() == null ? Optional.empty() : Optional.of(message(record, kind));
    }

    private static <T> T message(ConsumerRecord<String, byte[]> record, Message<T> kind) throws Unreadable {
        Optional<String> type = Records.header(record.headers(), Records.TYPE);
        if (type.isPresent() && !type.get().equals(kind.eventType())) {
            throw Unreadable.of(
                    Code.UNSUPPORTED,
                    "the ce_type header says " + dev.upkeep.common.InvalidValue.shown(type.get())
                            + "; this topic holds " + kind.eventType());
        }
        return Records.read(record, kind);
    }
}
