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
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
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
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker: what goes in as records comes out as history, metrics and alerts. */
@QuarkusTest
@QuarkusTestResource(ReporterServers.class)
class ReporterTest {
    /** For each parameter that is a text of a kind, one that is not of it. */
    private static final Map<String, String> NONSENSE = Map.of(
            "state", "odd",
            "severity", "grave",
            "status", "over",
            "outcome", "fine",
            "engine", "oracle",
            "method", "scp",
            "since", "yesterday",
            "until", "tomorrow");

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
    void publishesAShortDeadLetterWhereTheWholeOneIsTooLargeAndGoesOn() throws Exception {
        byte[] noise = new byte[5_000];
        new java.util.Random(8).nextBytes(noise);
        limitDeadLetters("2000");
        try {
            raw("large", "{\"large\": " + java.util.HexFormat.of().formatHex(noise), null);
            Result result = result("after-large", "ledger", "analyze", Outcome.SUCCEEDED, now);
            send(Message.RESULT, result);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> given().get("/api/results/" + result.command().text())
                                    .then()
                                    .statusCode(200));
        } finally {
            limitDeadLetters("1000000");
        }
        assertThat(read(Topic.DEAD_LETTERS))
                .filteredOn(letter -> letter.value().length == 0
                        && Records.header(letter.headers(), "upkeep_value_bytes")
                                .filter(bytes -> Integer.parseInt(bytes) > 10_000)
                                .isPresent())
                .singleElement()
                .satisfies(letter -> assertThat(Records.header(letter.headers(), "upkeep_error_code"))
                        .contains("malformed"));
    }

    private void limitDeadLetters(String bytes) throws Exception {
        ConfigResource topic =
                new ConfigResource(ConfigResource.Type.TOPIC, settings.topics().name(Topic.DEAD_LETTERS));
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(settings.admin())) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
        }
    }

    @Test
    void listsBackupsWithStateAgeAndSize() {
        for (int i = 0; i < 3; i++) {
            Instant taken = now.minus(Duration.ofHours(30 - i));
            TaskResult plain = task("backup", Outcome.SUCCEEDED, taken, List.of(), List.of());
            send(
                    Message.RESULT,
                    result(
                            "vault-" + i,
                            "vault",
                            new TaskResult(
                                    "backup",
                                    plain.parameters(),
                                    plain.outcome(),
                                    plain.reason(),
                                    plain.startedAt(),
                                    plain.endedAt(),
                                    Optional.of(Wire.tree(Map.of(
                                            "name",
                                            "vault-" + i + ".dump.zst",
                                            "method",
                                            "logical",
                                            "state",
                                            "verified",
                                            "takenAt",
                                            taken.toString(),
                                            "bytes",
                                            1_000 + i,
                                            "sourceBytes",
                                            9_000))),
                                    List.of(),
                                    List.of(),
                                    false),
                            taken));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().queryParam("database", "vault")
                        .get("/api/backups")
                        .then()
                        .statusCode(200)
                        .body("items.size()", equalTo(3)));

        var page = given().queryParam("database", "vault")
                .queryParam("limit", 2)
                .get("/api/backups")
                .then()
                .header("ETag", notNullValue())
                .body("items.name", contains("vault-2.dump.zst", "vault-1.dump.zst"))
                .body("items[0].state", equalTo("verified"))
                .body("items[0].bytes", equalTo(1_002))
                .body("items[0].age", startsWith("PT28H"))
                .extract()
                .jsonPath();
        given().queryParam("database", "vault")
                .queryParam("limit", 2)
                .queryParam("after", page.getString("next"))
                .get("/api/backups")
                .then()
                .body("items.name", contains("vault-0.dump.zst"));
        given().queryParam("database", "vault")
                .queryParam("state", "proven")
                .get("/api/backups")
                .then()
                .body("items.size()", equalTo(0));
    }

    @Test
    void keepsAsideWhatAnExecutorSaysAboutAnothersDatabase() {
        send(Message.REGISTRATION, registration(now, database("shop/orders"), database("mint")));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().get("/api/databases/mint").then().statusCode(200));
        Result real = result("nightly", "mint", "backup", Outcome.SUCCEEDED, now);
        Result forged = new Result(
                real.command(),
                real.run(),
                real.origin(),
                real.database(),
                new ExecutorId("intruder"),
                real.asOf(),
                false,
                real.outcome(),
                List.of(),
                1,
                real.receivedAt(),
                real.startedAt(),
                real.endedAt(),
                real.tasks());

        send(Message.RESULT, forged);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> given().queryParam("executor", "intruder")
                        .get("/api/quarantine")
                        .then()
                        .body("items.code", contains("not-its-database"))
                        .body("items[0].reason", containsString("executor db7 states database mint")));
        given().get("/api/results/" + real.command().text()).then().statusCode(404);
        given().accept("text/plain")
                .get("/metrics")
                .then()
                .body(containsString("upkeep_quarantined_results_total{reason=\"not-its-database\",} 1.0"));
    }

    @Test
    void refusesANegativeCount() {
        String measurement =
                "{\"name\":\"purge_deleted\",\"unit\":\"rows\",\"kind\":\"count\",\"value\":-5,\"labels\":{}}";
        Result sound = result(
                "sums",
                "abacus",
                task(
                        "purge",
                        Outcome.SUCCEEDED,
                        now,
                        List.of(),
                        List.of(Measurement.count("purge_deleted", "rows", 5L, Map.of()))),
                now);
        String forged = new String(Wire.write(sound), StandardCharsets.UTF_8)
                .replaceAll("\\{\"name\":\"purge_deleted\"[^}]*\\{\\}\\}", measurement);
        raw("abacus", forged, null);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(read(Topic.DEAD_LETTERS))
                        .extracting(letter ->
                                Records.header(letter.headers(), "upkeep_error").orElse(""))
                        .anyMatch(error -> error.contains("-5") && error.contains("not negative")));
        given().get("/api/results/" + sound.command().text()).then().statusCode(404);
    }

    @Test
    void refusesWhatNoQueryCanMeanByTheNameOfTheParameter() {
        Map<String, Map<String, Map<String, Object>>> paths =
                given().get("/openapi?format=json").path("paths");
        Set<String> checked = new TreeSet<>();
        paths.forEach((template, operations) -> {
            String path = template.replaceAll("\\{\\w+}", "none");
            refused(path, "no_such", "x");
            for (Map<?, ?> parameter : parameters(operations)) {
                String name = String.valueOf(parameter.get("name"));
                String type = String.valueOf(((Map<?, ?>) parameter.get("schema")).get("type"));
                String nonsense =
                        type.equals("integer") ? "many" : type.equals("boolean") ? "maybe" : NONSENSE.get(name);
                if (nonsense != null) {
                    refused(path, name, nonsense);
                    refused(path, name, "");
                    checked.add(name);
                }
            }
        });

        assertThat(checked).contains("limit", "bad", "gone", "ended").containsAll(NONSENSE.keySet());
    }

    private static List<Map<?, ?>> parameters(Map<String, Map<String, Object>> operations) {
        List<Map<?, ?>> found = new ArrayList<>();
        operations.values().forEach(operation -> {
            if (operation.get("parameters") instanceof List<?> listed) {
                listed.stream()
                        .filter(parameter -> "query".equals(((Map<?, ?>) parameter).get("in")))
                        .forEach(parameter -> found.add((Map<?, ?>) parameter));
            }
        });
        return found;
    }

    private static void refused(String path, String name, String value) {
        if (value.isEmpty() && NONSENSE.containsKey(name)) {
            return; // nothing is asked for
        }
        var call = given().queryParam(name, value);
        if (path.equals("/api/trends") && !name.equals("database")) {
            call.queryParam("database", "x");
        }
        call.get(path)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("status", equalTo(400))
                .body("detail", startsWith(name + ": "));
    }

    @Test
    void describesEveryQuestionThatItAnswers() {
        String openApi =
                given().get("/openapi").then().statusCode(200).extract().asString();

        assertThat(List.of(
                        "databases",
                        "runs",
                        "results",
                        "findings",
                        "alerts",
                        "backups",
                        "executors",
                        "trends",
                        "quarantine"))
                .allSatisfy(name -> {
                    assertThat(openApi).contains("/api/" + name + ":");
                    if (!name.equals("trends")) {
                        given().get("/api/" + name).then().statusCode(200).header("ETag", notNullValue());
                        given().queryParam("limit", 501)
                                .get("/api/" + name)
                                .then()
                                .statusCode(400)
                                .contentType(containsString("application/problem+json"));
                    }
                });
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
