package dev.upkeep.reporter.kafka;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** Makes what talks to Kafka out of the configuration. */
@ApplicationScoped
class KafkaSetup {
    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    KafkaSettings settings(KafkaConfig config) {
        return new KafkaSettings(
                config.bootstrap(), new Topics(config.topicPrefix()), "upkeep-reporter", config.client());
    }

    @Produces
    @Singleton
    Records records(KafkaSettings settings, Clock clock) {
        return new Records(settings.topics(), "upkeep/reporter", clock);
    }

    @Produces
    @Singleton
    Producer<String, byte[]> producer(KafkaSettings settings) {
        return new KafkaProducer<>(settings.producer());
    }

    void close(@Disposes Producer<String, byte[]> producer) {
        producer.close(Duration.ofSeconds(5));
    }

    @Produces
    @Singleton
    Admin admin(KafkaSettings settings) {
        return Admin.create(settings.admin());
    }

    void close(@Disposes Admin admin) {
        admin.close(Duration.ofSeconds(5));
    }
}
