package dev.upkeep.reporter.intake;

import dev.upkeep.common.kafka.Answer;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.KafkaUnavailable;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.reporter.history.Dialect;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Places;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/**
 * Reads topics from where the history says, batch by batch. Offsets are committed to Kafka only so that lag can be seen there;
 * the history's own places decide. One batch is recorded while the next is read on a thread of its own. Throws on any failure, and
 * is then to be made anew. Not thread-safe.
 */
final class Intake implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Intake.class);
    // in memory a batch is objects, many times its size in bytes; there are two at a time
    private static final int MOST_BYTES = 2 * 1024 * 1024;
    private static final Duration LONGEST_TURN = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final History history;
    private final Recorder recorder;
    private final Admin admin;
    private final Producer<String, byte[]> deadLetters;
    private final Records records;
    private final Reading reading;
    private final Consumer<String, byte[]> consumer;
    private final Map<String, String> topicIds = new HashMap<>();
    private final IntakeConfig config;
    private final Deque<Future<Batch>> ahead = new ArrayDeque<>();
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> new Thread(task, "intake-reader"));

    record Kafka(KafkaSettings settings, Admin admin, Producer<String, byte[]> producer, Records records) {}

    Intake(Kafka kafka, History history, Recorder recorder, IntakeConfig config) {
        this.settings = kafka.settings();
        this.history = history;
        this.recorder = recorder;
        this.admin = kafka.admin();
        this.deadLetters = kafka.producer();
        this.records = kafka.records();
        this.reading = new Reading(settings.topics());
        Map<String, Object> consumerSettings = settings.consumer();
        consumerSettings.put(ConsumerConfig.GROUP_ID_CONFIG, settings.topics().prefix() + config.group());
        consumerSettings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.batch());
        consumerSettings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * 1024 * 1024);
        consumerSettings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 512 * 1024);
        consumerSettings.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
        consumerSettings.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 15_000);
        consumerSettings.putAll(settings.further());
        this.config = config;
        this.consumer = new KafkaConsumer<>(consumerSettings);
    }

    /**
     * Begins to read. A SQLite history has one reader, which takes every partition at once, even right after it was killed; readers
     * of a PostgreSQL history share the partitions as a consumer group.
     */
    void begin() {
        if (history.dialect() == Dialect.SQLITE) {
            takeAll();
            return;
        }
        consumer.subscribe(names(), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                ahead.clear(); // whoever gets them goes on from the places in the history
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                goToPlaces(partitions);
            }
        });
    }

    /** Takes partitions that were added since; a group sees them by itself. */
    void refresh() {
        if (history.dialect() == Dialect.SQLITE) {
            takeAll();
        }
    }

    private void takeAll() {
        Set<TopicPartition> all = new HashSet<>();
        describe(names())
                .forEach((name, description) -> description
                        .partitions()
                        .forEach(partition -> all.add(new TopicPartition(name, partition.partition()))));
        if (!all.equals(consumer.assignment())) {
            ahead.clear();
            consumer.assign(all);
            goToPlaces(all);
        }
    }

    private List<String> names() {
        return Reading.READ.stream().map(topic -> settings.topics().name(topic)).toList();
    }

    private void goToPlaces(Collection<TopicPartition> partitions) {
        describe(partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet()))
                .forEach((name, description) ->
                        topicIds.put(name, description.topicId().toString()));
        history.read(session -> {
            for (TopicPartition partition : partitions) {
                Places.next(session, partition.topic(), partition.partition(), topicId(partition))
                        .ifPresentOrElse(
                                offset -> consumer.seek(partition, offset),
                                () -> consumer.seekToBeginning(List.of(partition)));
            }
            return partitions.size();
        });
    }

    private String topicId(TopicPartition partition) {
        return topicIds.getOrDefault(partition.topic(), "");
    }

    private Map<String, TopicDescription> describe(Collection<String> topics) {
        return Answer.of(
                admin.describeTopics(topics).allTopicNames().toCompletionStage().toCompletableFuture(),
                "look at topics");
    }

    /**
     * Records what has come, waiting at most so long for the first of it; returns the number of records. Batches that are at hand when
     * the one before is written go into the same transaction, so that a backlog costs few commits.
     */
    int turn(Duration wait) {
        if (ahead.isEmpty()) {
            readAhead(wait);
        }
        if (ahead.isEmpty()) {
            return 0;
        }
        Turn turn = new Turn();
        recorder.record(turn);
        consumer.commitAsync(turn.offsets, null);
        return turn.records;
    }

    /** The batches of one transaction: the next is being read while one is written. */
    private final class Turn implements Iterator<Batch> {
        private final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        private final long end = System.nanoTime() + LONGEST_TURN.toNanos();
        private int batches;
        private int records;

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty() && batches < config.batches() && System.nanoTime() < end;
        }

        @Override
        public Batch next() {
            Future<Batch> next = ahead.remove();
            if (ahead.isEmpty()) {
                readAhead(Duration.ZERO);
            }
            Batch batch = Answer.of(next, "read a batch");
            publish(batch.unread());
            batch.places()
                    .forEach((place, offset) -> offsets.put(
                            new TopicPartition(place.topic(), place.partition()), new OffsetAndMetadata(offset)));
            batches++;
            records += batch.size();
            return batch;
        }
    }

    /** Whether nothing is left to read but what came in the last moment. Without partitions of its own a replica has nothing to read. */
    boolean isAtTheEnd() {
        return ahead.isEmpty()
                && !consumer.assignment().isEmpty()
                && consumer.assignment().stream()
                        .allMatch(partition -> consumer.currentLag(partition).orElse(Long.MAX_VALUE) <= config.batch());
    }

    private void readAhead(Duration wait) {
        ConsumerRecords<String, byte[]> polled = consumer.poll(wait);
        Map<String, String> ids = Map.copyOf(topicIds);
        for (List<ConsumerRecord<String, byte[]>> slice : Slices.of(polled, config.batch(), MOST_BYTES)) {
            ahead.add(reader.submit(() -> reading.read(slice, ids)));
        }
    }

    /** Dead letters are out before the place moves on: after a crash one may be out twice, but none is lost. */
    private void publish(List<Unread> unread) {
        List<Unread> tooLarge = publish(unread, one -> records.deadLetter(one.record(), one.reason()));
        List<Unread> lost = publish(tooLarge, one -> records.shortDeadLetter(one.record(), one.reason()));
        lost.forEach(one -> LOG.errorf(
                "even the shortest dead letter is too large for the broker, and was left out: topic=%s partition=%d"
                        + " offset=%d reason=%s",
                one.record().topic(), one.record().partition(), one.record().offset(), one.reason()));
    }

    /** Publishes a dead letter for each of these; returns those for which it is too large for the broker. */
    private List<Unread> publish(List<Unread> unread, Function<Unread, ProducerRecord<String, byte[]>> letter) {
        List<Future<RecordMetadata>> sent =
                unread.stream().map(one -> deadLetters.send(letter.apply(one))).toList();
        List<Unread> tooLarge = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            try {
                Answer.of(sent.get(i), "publish a dead letter");
            } catch (KafkaUnavailable e) {
                if (!(e.getCause() instanceof RecordTooLargeException)) {
                    throw e;
                }
                tooLarge.add(unread.get(i));
            }
        }
        return tooLarge;
    }

    /** Ends a wait in {@link #turn}, from another thread. */
    void wake() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        reader.shutdownNow();
        consumer.close(Duration.ofSeconds(5));
    }
}
