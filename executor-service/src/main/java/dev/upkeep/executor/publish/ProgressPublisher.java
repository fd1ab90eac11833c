package dev.upkeep.executor.publish;

import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Progress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Publishes progress, best effort: telling never blocks and never fails; what the broker does not take in time is dropped, the
 * oldest first. Thread-safe.
 */
public final class ProgressPublisher implements ProgressSink, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ProgressPublisher.class);
    private static final int MOST_WAITING = 256;

    private final BlockingQueue<Progress> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Records records;
    private final Producer<String, byte[]> producer;
    private final Thread thread = new Thread(this::publish, "progress");

    /** The caller closes the producer. */
    public ProgressPublisher(Producer<String, byte[]> producer, Records records) {
        this.producer = producer;
        this.records = records;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void tell(Progress progress) {
        while (!waiting.offer(progress)) {
            waiting.poll();
        }
    }

    private void publish() {
        try {
            while (true) {
                send(records.of(Message.PROGRESS, waiting.take(), java.util.Optional.empty()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback has the failure
    private void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record, (metadata, failure) -> {
                if (failure != null) {
                    LOG.debugf("progress was dropped: %s", failure.getMessage());
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            LOG.debugf("progress was dropped: %s", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
