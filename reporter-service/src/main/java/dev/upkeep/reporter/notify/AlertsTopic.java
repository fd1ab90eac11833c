package dev.upkeep.reporter.notify;

import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** Tells alerts on the alerts topic, keyed by fingerprint. */
@Singleton
final class AlertsTopic implements WayOut {
    private final Producer<String, byte[]> producer;
    private final Records records;

    @Inject
    AlertsTopic(Producer<String, byte[]> producer, Records records) {
        this.producer = producer;
        this.records = records;
    }

    @Override
    public String name() {
        return "topic";
    }

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public boolean wantsReminders() {
        return false;
    }

    @Override
    public void tell(List<Notice> notices) throws IOException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try {
            for (Notice notice : notices) {
                sent.add(producer.send(records.of(Message.ALERT, notice.alert(), Optional.empty())));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (ExecutionException | KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("Kafka: " + cause.getMessage(), cause);
        }
    }
}
