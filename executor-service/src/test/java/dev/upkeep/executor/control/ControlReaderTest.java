package dev.upkeep.executor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.request.Selector;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlReaderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ExecutorId EXECUTOR = new ExecutorId("db7");

    @TempDir
    Path folder;

    private SqliteDatabase database(String id) {
        return new SqliteDatabase(new DatabaseId(id), Map.of(), folder.resolve("any.db"));
    }

    private static Control hold(Instant until) {
        return new Control(
                new ControlId("litigation"),
                Control.Kind.HOLD,
                Optional.empty(),
                Optional.of(new Selector(List.of(), List.of(), List.of(new Glob("shop/*")), List.of(), false)),
                "legal",
                "evidence",
                Instant.now().minusSeconds(60),
                until);
    }

    @Test
    void followsTheTopicAndRemembersWhatItSaid() throws Exception {
        KafkaSettings kafka = new KafkaSettings(
                TestServers.bootstrapServers(), new Topics(TestServers.unique("hold") + "."), "test", Map.of());
        try (Admin admin = Admin.create(kafka.admin())) {
            new TopicSetup(admin, kafka.topics()).create(1, Optional.of((short) 1));
        }
        HoldFile holds = new HoldFile(folder, EXECUTOR, Clock.systemUTC());
        Records records = new Records(kafka.topics(), "test", Clock.systemUTC());
        Control control = hold(Instant.now().plus(Duration.ofDays(1)));
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer());
                ControlReader reader = new ControlReader(kafka, holds)) {
            producer.send(records.of(Message.CONTROL, control, Optional.empty()))
                    .get();
            reader.start();

            await().atMost(PATIENCE)
                    .until(() -> holds.on(database("shop/orders")).isPresent());
            assertThat(holds.on(database("shop/orders")).orElseThrow()).contains("legal", "litigation", "evidence");
            assertThat(holds.on(database("other"))).isEmpty();
            // another process, without a broker
            assertThat(new HoldFile(folder, EXECUTOR, Clock.systemUTC()).on(database("shop/orders")))
                    .isPresent();

            producer.send(new ProducerRecord<>(kafka.topics().name(Topic.CONTROLS), "litigation", null))
                    .get();
            await().atMost(PATIENCE)
                    .until(() -> holds.on(database("shop/orders")).isEmpty());
        }
    }

    @Test
    void endsByItself() throws Exception {
        HoldFile holds = new HoldFile(folder, EXECUTOR, Clock.systemUTC());
        holds.replace(List.of(hold(Instant.now().plus(Duration.ofHours(1)))));
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(2));

        assertThat(holds.on(database("shop/orders"))).isPresent();
        assertThat(new HoldFile(folder, EXECUTOR, later).on(database("shop/orders")))
                .isEmpty();
    }

    @Test
    void holdsEverythingWhenItCannotBeRead() throws Exception {
        HoldFile holds = new HoldFile(folder, EXECUTOR, Clock.systemUTC());
        assertThat(holds.on(database("shop/orders"))).isEmpty();

        Files.writeString(folder.resolve("holds.json"), "{\"holds\": [");

        assertThat(holds.on(database("shop/orders")).orElseThrow()).contains("cannot be read");
    }
}
