package dev.upkeep.reporter;

import static dev.upkeep.reporter.Messages.database;
import static dev.upkeep.reporter.Messages.endedRun;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.registration;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.wire.Wire;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker: what goes in as records comes out as history, metrics and alerts. */
@QuarkusTest
@QuarkusTestResource(ReporterServers.class)
class ReporterTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final KafkaSettings settings = ReporterServers.settings();
    private final Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());

    @Test
    void showsResultsAsHistoryAndMeasurementsAsMetrics() {
        Result result = result(
                "sizes",
                "shop/orders",
                task(
                        "assess",
                        Outcome.SUCCEEDED,
                        now,
                        List.of(finding("disk", Severity.WARNING, "/var", "85 %")),
                        List.of(
                                Measurement.gauge("table_size", "bytes", 4_096, Map.of("table", "orders")),
                                Measurement.count("purge_deleted", "rows", 7, Map.of("table", "orders")))),
                now);

        send(Message.REGISTRATION, registration(now, database("shop/orders")));
        send(Message.RESULT, result);
        send(Message.RESULT, result);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> given().get("/api/results/" + result.command().text())
                                .then()
                                .statusCode(200)
                                .body("outcome", equalTo("succeeded")));
        given().accept("text/plain")
                .get("/metrics")
                .then()
                .statusCode(200)
                .body(
                        containsString(
                                "upkeep_table_size_bytes{database=\"shop/orders\",engine=\"postgresql\",executor=\"db7\",table=\"orders\",} 4096.0"))
                .body(
                        containsString(
                                "upkeep_purge_deleted_rows_total{database=\"shop/orders\",engine=\"postgresql\",executor=\"db7\",table=\"orders\",} 7.0"))
                .body(containsString("upkeep_database_last_result_timestamp_seconds{database=\"shop/orders\",}"))
                .body(containsString("upkeep_executor_up{executor=\"db7\",}"));
        given().queryParam("database", "shop/orders")
                .get("/api/results")
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].tasks[0].findings", equalTo(1));
        given().get("/api/databases/shop/orders")
                .then()
                .statusCode(200)
                .body("tasks[0].task", equalTo("assess"))
                .body("database.openFindings.warning", equalTo(1))
                .body("figures.name", hasItem("table_size"));
        given().queryParam("database", "shop/orders")
                .get("/api/findings")
                .then()
                .body("items[0].check", equalTo("disk"))
                .body("items[0].advice", notNullValue());
        given().queryParam("database", "shop/orders")
                .queryParam("name", "table_size")
                .get("/api/trends")
                .then()
                .body("items[0].points[0].value", equalTo(4_096.0f));
        given().get("/api/executors").then().body("items[0].executor", equalTo("db7"));
    }

    @Test
    void tellsAFailedBackupOnceAndItsMendOnceByEveryWayOut() {
        send(Message.RESULT, result("nightly", "bank", "backup", Outcome.FAILED, now));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(alertsOf("bank")).hasSize(1));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ReporterServers.alertmanager().firing("bank"))
                        .containsExactly("task-failed"));

        send(Message.RESULT, result("by-hand", "bank", "backup", Outcome.SUCCEEDED, now.plusSeconds(60)));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(alertsOf("bank")).hasSize(2));

        assertThat(alertsOf("bank"))
                .extracting(Alert::rule, Alert::status)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("task-failed", Alert.Status.FIRING),
                        org.assertj.core.groups.Tuple.tuple("task-failed", Alert.Status.RESOLVED));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ReporterServers.webhook().posts())
                        .filteredOn(post -> post.body().contains("\"bank\""))
                        .hasSize(2));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ReporterServers.alertmanager().firing("bank"))
                        .isEmpty());
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ReporterServers.mails().mails())
                        .filteredOn(mail -> mail.contains("backup of bank failed"))
                        .hasSizeBetween(1, 2)
                        .allMatch(mail -> mail.contains("text/html") && mail.contains("text/plain")));
        given().queryParam("database", "bank").get("/api/alerts").then().body("items[0].state", equalTo("resolved"));
    }

    @Test
    void showsRunsWithTheStateOfEachDatabase() {
        var run = endedRun("weekly", "archive", Outcome.OFFLINE, now.minusSeconds(3_600));

        send(Message.RUN_STATE, run);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().get("/api/runs/" + run.run().text())
                        .then()
                        .statusCode(200)
                        .body("run.outcomes.offline", equalTo(1))
                        .body("targets[0].reasons[0].code", equalTo("executor-offline")));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(alertsOf("archive")).extracting(Alert::rule).containsExactly("run-not-carried-out"));
    }

    @Test
    void setsAsideWhatItCannotReadAndGoesOn() {
        raw("not json", "{\"command\":\"x\"", null);
        raw("no value", null, null);
        raw("from the future", "{}", "dev.upkeep.result.v9");
        Result result = result("after", "ledger", "analyze", Outcome.SUCCEEDED, now);
        send(Message.RESULT, result);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> given().get("/api/results/" + result.command().text())
                                .then()
                                .statusCode(200));
        assertThat(read(Topic.DEAD_LETTERS))
                .extracting(letter ->
                        Records.header(letter.headers(), "upkeep_error_code").orElse("none"))
                .contains("malformed", "unsupported");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().accept("text/plain")
                        .get("/metrics")
                        .then()
                        .body(containsString("upkeep_dead_letters_total{topic=\""
                                + settings.topics().name(Topic.RESULTS) + "\",}")));
    }

    @Test
    void saysWhatIsWrongWithAQuestion() {
        given().queryParam("limit", 0)
                .get("/api/results")
                .then()
                .statusCode(400)
                .contentType(containsString("application/problem+json"))
                .body("detail", equalTo("limit: 0 (must be between 1 and 500)"));
        given().queryParam("since", "yesterday").get("/api/results").then().statusCode(400);
        given().queryParam("after", "nonsense").get("/api/results").then().statusCode(400);
        given().get("/api/databases/nowhere")
                .then()
                .statusCode(404)
                .contentType(containsString("application/problem+json"))
                .body("detail", containsString("nowhere"));
        given().get("/openapi").then().statusCode(200).body(containsString("/api/findings"));
    }

    @Test
    void goesThroughPagesWithoutGapsOrRepeats() {
        for (int i = 0; i < 7; i++) {
            send(
                    Message.RESULT,
                    result("paged", "pages", "analyze", Outcome.SUCCEEDED, now.minus(Duration.ofHours(i))));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(pages(500)).hasSize(7));

        assertThat(pages(3)).isEqualTo(pages(500)).doesNotHaveDuplicates();
    }

    @Test
    void answersNotModifiedToWhoHasTheNewestAnswer() {
        String tag = given().get("/api/trends?database=nowhere")
                .then()
                .statusCode(200)
                .extract()
                .header("ETag");

        given().header("If-None-Match", tag)
                .get("/api/trends?database=nowhere")
                .then()
                .statusCode(304);
        given().header("If-None-Match", "W/\"other\"")
                .get("/api/trends?database=nowhere")
                .then()
                .statusCode(200)
                .body("items.size()", equalTo(0));
    }

    @Test
    void isReadyWithItsTopics() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
    }

    private List<String> pages(int size) {
        List<String> commands = new ArrayList<>();
        String next = "";
        do {
            var page = given().queryParam("database", "pages")
                    .queryParam("limit", size)
                    .queryParam("after", next)
                    .get("/api/results")
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            commands.addAll(page.getList("items.command", String.class));
            next = page.getString("next");
        } while (next != null);
        return commands;
    }

    private List<Alert> alertsOf(String database) {
        List<Alert> alerts = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : read(Topic.ALERTS)) {
            try {
                Alert alert = Wire.read(record.value(), Alert.class);
                if (alert.database().map(id -> id.text().equals(database)).orElse(false)) {
                    alerts.add(alert);
                }
            } catch (dev.upkeep.common.wire.Unreadable e) {
                throw new IllegalStateException(e);
            }
        }
        return alerts;
    }

    private <T> void send(Message<T> kind, T value) {
        send(records.of(kind, value, Optional.empty()));
    }

    private void raw(String key, String value, String type) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                settings.topics().name(Topic.RESULTS),
                key,
                value == null ? null : value.getBytes(StandardCharsets.UTF_8));
        if (type != null) {
            record.headers().add(Records.TYPE, type.getBytes(StandardCharsets.UTF_8));
        }
        send(record);
    }

    private void send(ProducerRecord<String, byte[]> record) {
        try (Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            producer.send(record).get();
        } catch (java.util.concurrent.ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All that is on a topic of one partition. */
    private List<ConsumerRecord<String, byte[]>> read(Topic topic) {
        try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
            TopicPartition partition = new TopicPartition(settings.topics().name(topic), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<String, byte[]>> all = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(all::add);
            }
            return all;
        }
    }
}
