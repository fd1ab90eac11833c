package dev.upkeep.scheduler.api;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.task.Task;
import dev.upkeep.local.server.Scratch;
import dev.upkeep.local.server.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;

/** A real broker with topics, one registered executor, and a folder with one policy. */
public final class BrokerForApi implements QuarkusTestResourceLifecycleManager {
    private final Scratch scratch = Scratch.of("policies");

    @Override
    public Map<String, String> start() {
        Topics topics = new Topics(TestServers.unique("api") + ".");
        KafkaSettings kafka = new KafkaSettings(TestServers.bootstrapServers(), topics, "test", Map.of());
        try (Admin admin = Admin.create(kafka.admin());
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer())) {
            new TopicSetup(admin, topics).create(2, Optional.of((short) 1));
            producer.send(new Records(topics, "test", Clock.systemUTC())
                            .of(Message.REGISTRATION, registration(), Optional.empty()))
                    .get();
            Path policies = scratch.path();
            Files.writeString(policies.resolve("night.yaml"), """
                    name: night
                    description: Every night
                    select: {labels: [env=prod]}
                    schedule: {cron: "30 2 * * *", zone: Europe/Berlin}
                    window: {start: "02:00", duration: 2h}
                    tasks: [{type: health-check}]
                    """);
            return Map.of(
                    "upkeep.kafka.bootstrap",
                    kafka.bootstrap(),
                    "upkeep.kafka.topic-prefix",
                    topics.prefix(),
                    "upkeep.policies.directory",
                    policies.toString(),
                    "upkeep.scheduler.replica",
                    "api-test",
                    "upkeep.api.verdict-within",
                    "20s",
                    "upkeep.api.changes-per-minute",
                    "300");
        } catch (IOException | ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Registration registration() {
        ExecutorId executor = new ExecutorId("pg-1");
        RegisteredDatabase database = new RegisteredDatabase(
                new DatabaseId("pg-1/audit"),
                Engine.POSTGRESQL,
                Optional.of("16.4"),
                Map.of("env", "prod"),
                Optional.empty(),
                Task.names(),
                List.of());
        return new Registration(
                executor,
                "0.1.0",
                "localhost",
                Instant.now(),
                Instant.now(),
                Duration.ofHours(1),
                Lane.of(executor, 2),
                2,
                false,
                List.of(database),
                List.of(),
                Map.of(),
                Optional.empty());
    }

    @Override
    public void stop() {
        scratch.close();
    }
}
