package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.local.server.PostgresAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two reporters on one PostgreSQL history, one of which is killed while results stream in: topics and database of their own. */
class ReplicasTest {
    private static final int DATABASES = 20;
    private static final int RESULTS = 6_000;

    private final WholeSystem whole = WholeSystem.get();
    private final KafkaSettings settings = new KafkaSettings(
            whole.system().kafka().bootstrap(),
            new Topics("replicas" + UUID.randomUUID().toString().substring(0, 8) + "."),
            "replicas-test",
            Map.of());
    private final Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());
    private final Instant begin = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(5, ChronoUnit.DAYS);

    @TempDir
    Path folder;

    @Test
    void shareTheWorkAndOneGoesOnAloneWithoutALostOrRepeatedResultOrAlert() throws Exception {
        try (Admin admin = Admin.create(settings.admin())) {
            new TopicSetup(admin, settings.topics()).create(4, Optional.of((short) 1));
        }
        String url = history();
        Bus bus = new Bus(settings);
        try (OwnReporter first = OwnReporter.start("first", folder, properties(url));
                OwnReporter second = OwnReporter.start("second", folder, properties(url));
                Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer());
                Connection history = connect(url)) {
            for (int i = 0; i < DATABASES; i++) {
                send(producer, i, "backup", Outcome.FAILED, begin);
            }
            await().atMost(WholeSystem.PATIENCE).until(() -> told(bus, Alert.Status.FIRING) == DATABASES);
            await().atMost(WholeSystem.PATIENCE).until(() -> number(history, "SELECT count(*) FROM outbox") == 0);

            for (int i = 0; i < RESULTS; i++) {
                send(producer, i, "analyze", Outcome.SUCCEEDED, begin.plusSeconds(60L + i));
            }
            await().atMost(WholeSystem.PATIENCE)
                    .until(() -> number(history, "SELECT count(*) FROM result") > DATABASES + 500);
            first.kill();
            for (int i = 0; i < RESULTS; i++) {
                send(producer, i, "analyze", Outcome.SUCCEEDED, begin.plusSeconds(60L + RESULTS + i));
            }
            producer.flush();

            long all = 2L * RESULTS + DATABASES;
            await().atMost(WholeSystem.PATIENCE).until(() -> number(history, "SELECT count(*) FROM result") == all);
            assertThat(number(history, "SELECT sum(value) FROM series WHERE kind = 'count'"))
                    .isEqualTo(all);
            assertThat(number(history, "SELECT sum(value) FROM tally WHERE name = 'results'"))
                    .isEqualTo(all);
            assertThat(told(bus, Alert.Status.FIRING)).isEqualTo(DATABASES);

            for (int i = 0; i < DATABASES; i++) {
                send(producer, i, "backup", Outcome.SUCCEEDED, begin.plusSeconds(100_000));
            }
            await().atMost(WholeSystem.PATIENCE).until(() -> told(bus, Alert.Status.RESOLVED) >= DATABASES);
            assertThat(second.get("/api/results?limit=1").statusCode()).isEqualTo(200);
            assertThat(alerts(bus)).hasSize(2 * DATABASES).doesNotHaveDuplicates();
        }
    }

    /** Twice, as executors may after a crash. */
    private void send(Producer<String, byte[]> producer, int i, String task, Outcome outcome, Instant at) {
        DatabaseId database = new DatabaseId("db" + i % DATABASES);
        RunId run = RunId.of(new PolicyName(task + "-" + i / DATABASES), at);
        Optional<Reason> reason =
                outcome.isGood() ? Optional.empty() : Optional.of(new Reason(Code.DISK_FULL, "no space left"));
        TaskResult one = new TaskResult(
                task,
                Wire.tree(Map.of("type", task)),
                outcome,
                reason,
                Optional.of(at),
                Optional.of(at.plusSeconds(1)),
                Optional.empty(),
                List.of(),
                List.of(Measurement.count("done", "tasks", 1L, Map.of())),
                false);
        Result result = new Result(
                CommandId.of(run, database),
                run,
                new Origin(Origin.Kind.REQUEST, run.text(), Optional.empty(), Optional.empty()),
                database,
                new ExecutorId("db7"),
                at,
                false,
                outcome,
                reason.stream().toList(),
                1,
                at,
                Optional.of(at),
                at.plusSeconds(1),
                List.of(one));
        var unused = producer.send(records.of(Message.RESULT, result, Optional.empty()));
        unused = producer.send(records.of(Message.RESULT, result, Optional.empty()));
    }

    private long told(Bus bus, Alert.Status status) {
        return bus.alerts().stream()
                .filter(alert -> alert.rule().equals("task-failed") && alert.status() == status)
                .count();
    }

    private static List<String> alerts(Bus bus) {
        return bus.alerts().stream()
                .filter(alert -> alert.rule().equals("task-failed"))
                .map(alert -> alert.fingerprint() + " " + alert.status())
                .toList();
    }

    private String history() throws SQLException {
        PostgresAddress postgres = whole.system().postgres().address();
        String name = "history_" + UUID.randomUUID().toString().substring(0, 8);
        postgres.createDatabase(name);
        return postgres.jdbcUrl(name);
    }

    private Connection connect(String url) throws SQLException {
        return whole.system().postgres().address().connect(url.substring(url.lastIndexOf('/') + 1));
    }

    private Map<String, String> properties(String url) throws Exception {
        PostgresAddress postgres = whole.system().postgres().address();
        Map<String, String> properties = new HashMap<>();
        properties.put("upkeep.kafka.bootstrap", settings.bootstrap());
        properties.put("upkeep.kafka.topic-prefix", settings.topics().prefix());
        properties.put("upkeep.kafka.client.\"session.timeout.ms\"", "6000");
        properties.put("upkeep.kafka.client.\"heartbeat.interval.ms\"", "1000");
        properties.put("upkeep.history.url", url);
        properties.put("upkeep.history.user", postgres.user());
        Path password = Files.writeString(folder.resolve("password"), postgres.password() + "\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        properties.put("upkeep.history.password-file", password.toString());
        properties.put("upkeep.alerts.every", "1s");
        return properties;
    }

    private static long number(Connection history, String sql) throws SQLException {
        try (Statement statement = history.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
