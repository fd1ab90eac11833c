package dev.upkeep.scheduler.api;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.request.Request;
import dev.upkeep.scheduler.leader.World;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Publishes what callers of the API want, as anybody could: the leader reads it from the bus. Thread-safe. */
@Singleton
class Bus {
    private final KafkaSettings kafka;
    private final Records records;
    private @Nullable KafkaProducer<String, byte[]> producer;

    Bus(KafkaSettings kafka, World world) {
        this.kafka = kafka;
        this.records = new Records(kafka.topics(), "upkeep/scheduler/api", world.clock());
    }

    /** Publishes a request; returns its place on the topic. */
    String publish(Request request, Optional<String> traceparent) {
        RecordMetadata place = send(records.of(Message.REQUEST, request, traceparent));
        return "request-" + place.partition() + "-" + place.offset();
    }

    void publish(Control control) {
        send(records.of(Message.CONTROL, control, Optional.empty()));
    }

    void end(ControlId control) {
        send(new ProducerRecord<>(kafka.topics().name(Topic.CONTROLS), control.text(), null));
    }

    private RecordMetadata send(ProducerRecord<String, byte[]> record) {
        try {
            return producer().send(record).get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("not published", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }

    private synchronized KafkaProducer<String, byte[]> producer() {
        KafkaProducer<String, byte[]> open = producer;
        if (open == null) {
            open = new KafkaProducer<>(kafka.producer());
            producer = open;
        }
        return open;
    }

    synchronized void close(@Observes ShutdownEvent event) {
        KafkaProducer<String, byte[]> open = producer;
        if (open != null) {
            open.close(Duration.ofSeconds(3));
        }
    }
}
