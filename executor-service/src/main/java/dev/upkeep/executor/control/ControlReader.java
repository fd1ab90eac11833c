package dev.upkeep.executor.control;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.wire.Unreadable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * Follows the compacted topic of controls from its beginning, and keeps the {@link HoldFile} as it says. Until the end of the
 * topic is reached the file stays as it was. A topic that cannot be read is said once and tried again.
 */
public final class ControlReader implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlReader.class);
    private static final Duration POLL = Duration.ofSeconds(10);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(10);

    private final KafkaSettings kafka;
    private final HoldFile holds;
    private final TopicPartition partition;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::follow, "controls");
    private volatile Optional<KafkaConsumer<String, byte[]>> consumer = Optional.empty();
    private boolean isTold;

    public ControlReader(KafkaSettings kafka, HoldFile holds) {
        this.kafka = kafka;
        this.holds = holds;
        this.partition = new TopicPartition(kafka.topics().name(Topic.CONTROLS), 0);
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    private void follow() {
        while (!isStopping(Duration.ZERO)) {
            try {
                connectAndFollow();
            } catch (WakeupException e) {
                LOG.debug("the reader of controls was woken up to stop");
            } catch (IOException | RuntimeException e) {
                if (!isTold) {
                    LOG.warnf("holds cannot be read from %s; those known before stay in force: %s", partition, e);
                    isTold = true;
                }
            }
            isStopping(TROUBLE_PAUSE);
        }
    }

    private void connectAndFollow() throws IOException {
        Map<String, Object> settings = kafka.consumer();
        // an idle topic costs one request in so long a time
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis());
        KafkaConsumer<String, byte[]> controls = new KafkaConsumer<>(settings);
        try {
            consumer = Optional.of(controls);
            controls.assign(List.of(partition));
            controls.seekToBeginning(List.of(partition));
            follow(controls);
        } finally {
            consumer = Optional.empty();
            controls.close(Duration.ZERO); // not after the answer to that request
        }
    }

    private void follow(KafkaConsumer<String, byte[]> controls) throws IOException {
        Map<String, Control> known = new HashMap<>();
        long end = controls.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        boolean isCurrent = false;
        while (!isStopping(Duration.ZERO)) {
            boolean isAtEnd = controls.position(partition) >= end;
            if (isAtEnd && !isCurrent) {
                holds.replace(known.values());
                isCurrent = true;
                isTold = false;
            }
            ConsumerRecords<String, byte[]> polled = controls.poll(POLL);
            polled.forEach(record -> take(record, known));
            if (isCurrent && !polled.isEmpty()) {
                holds.replace(known.values());
            }
        }
    }

    private static void take(ConsumerRecord<String, byte[]> record, Map<String, Control> known) {
        if (record.key() == null) {
            return;
        }
        if (record.value() == null) {
            known.remove(record.key());
            return;
        }
        try {
            known.put(record.key(), Records.read(record, Message.CONTROL));
        } catch (Unreadable e) {
            LOG.debugf("a control cannot be read: %s", e.reason());
        }
    }

    private boolean isStopping(Duration wait) {
        try {
            return stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        consumer.ifPresent(KafkaConsumer::wakeup);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(3));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
