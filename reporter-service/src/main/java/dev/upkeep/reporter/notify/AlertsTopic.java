package dev.upkeep.reporter.notify;

import dev.upkeep.common.alert.Alert;
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
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/** Tells alerts on the alerts topic, keyed by fingerprint; without its description if it is too large for the broker. */
@Singleton
final class AlertsTopic implements WayOut {
    private static final Logger LOG = Logger.getLogger(AlertsTopic.class);

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
        for (Notice tooLarge : tell(notices, Notice::alert)) {
            if (!tell(List.of(tooLarge), notice -> notice.alert().withoutDescription())
                    .isEmpty()) {
                LOG.errorf(
                        "the record of alert %s is too large for the alerts topic even without its description, and was"
                                + " left out: %s",
                        tooLarge.alert().fingerprint(), tooLarge.alert().summary());
            }
        }
    }

    /** Publishes these; returns those that are too large for the broker. */
    private List<Notice> tell(List<Notice> notices, Function<Notice, Alert> form)
            throws IOException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        List<Notice> tooLarge = new ArrayList<>();
        try {
            for (Notice notice : notices) {
                sent.add(producer.send(records.of(Message.ALERT, form.apply(notice), Optional.empty())));
            }
        } catch (KafkaException e) {
            throw new IOException("Kafka: " + e.getMessage(), e);
        }
        for (int i = 0; i < sent.size(); i++) {
            try {
                sent.get(i).get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RecordTooLargeException)) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    throw new IOException("Kafka: " + cause.getMessage(), cause);
                }
                tooLarge.add(notices.get(i));
            }
        }
        return tooLarge;
    }
}
