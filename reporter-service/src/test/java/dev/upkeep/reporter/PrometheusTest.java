package dev.upkeep.reporter;

import static dev.upkeep.reporter.Messages.database;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.registration;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.local.server.Ports;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What deploy/prometheus and deploy/grafana hold, tried on a real Prometheus that scrapes this service. The project's own script
 * installs Prometheus if it is absent; without it these tests fail.
 */
@QuarkusTest
@QuarkusTestResource(ReporterServers.class)
class PrometheusTest {
    private static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();
    private static final Pattern METRIC = Pattern.compile("\\bupkeep[a-z_:]+");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaSettings settings = ReporterServers.settings();
    private final Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        assertThat(run(DEPLOY.resolve("prometheus/install.sh").toString())).isEmpty();
    }

    @Test
    void promtoolFindsTheRulesSoundAndTheirTestsPass() throws Exception {
        String rules = DEPLOY.resolve("prometheus/rules").toString();

        assertThat(run("promtool", "check", "rules", rules + "/alerts.yml", rules + "/recording.yml"))
                .isEmpty();
        assertThat(run(
                        "promtool",
                        "check",
                        "config",
                        DEPLOY.resolve("prometheus/prometheus.yml").toString()))
                .isEmpty();
        assertThat(run(
                        "promtool",
                        "test",
                        "rules",
                        DEPLOY.resolve("prometheus/tests/rules.test.yml").toString()))
                .isEmpty();
    }

    @Test
    void everyQueryOfEveryDashboardAndRuleReturnsData() throws Exception {
        sendWhatASmallFleetSends();
        Path folder = Files.createTempDirectory("upkeep-prometheus-");
        int port = Ports.free();
        Process prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + configuration(folder),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        try {
            List<String> queries = new ArrayList<>(panels());
            queries.addAll(rules());
            assertThat(queries).hasSizeGreaterThan(40);

            List<String> silent = new ArrayList<>(queries);
            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() -> {
                        silent.removeIf(query -> returnsData(port, query));
                        assertThat(silent).as("queries without data").isEmpty();
                    });
            assertThat(returnsData(port, "upkeep_no_such_metric")).isFalse();
        } finally {
            prometheus.destroy();
            prometheus.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void everyRunbookThatARuleNamesIsThere() throws IOException {
        String alerts = Files.readString(DEPLOY.resolve("../docs/alerts.md"));
        List<String> named = new ArrayList<>();
        Matcher links = Pattern.compile("docs/alerts\\.md#([a-z-]+)")
                .matcher(Files.readString(DEPLOY.resolve("prometheus/rules/alerts.yml")));
        while (links.find()) {
            named.add(links.group(1));
        }
        Matcher builtIn = Pattern.compile("- name: ([a-z-]+)")
                .matcher(Files.readString(Path.of("src/main/resources/alert-rules.yaml")));
        while (builtIn.find()) {
            named.add(builtIn.group(1));
        }

        assertThat(named)
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(alerts).contains("\n## " + name + "\n"));
    }

    private Path configuration(Path folder) throws IOException {
        String given = Files.readString(DEPLOY.resolve("prometheus/prometheus.yml"));
        String ours = given.replace("127.0.0.1:8083", "127.0.0.1:" + RestAssured.port)
                .replace("rules/*.yml", DEPLOY.resolve("prometheus/rules") + "/*.yml")
                .replace("15s", "1s");
        Path rules = Files.createDirectory(folder.resolve("rules"));
        for (String name : List.of("alerts.yml", "recording.yml")) {
            Files.writeString(
                    rules.resolve(name),
                    Files.readString(DEPLOY.resolve("prometheus/rules").resolve(name))
                            .replace("interval: 15s", "interval: 1s"));
        }
        return Files.writeString(
                folder.resolve("prometheus.yml"),
                ours.replace(DEPLOY.resolve("prometheus/rules").toString(), rules.toString()));
    }

    /** Queries of panels and variables, as Grafana would ask them. */
    private static List<String> panels() throws IOException {
        List<String> queries = new ArrayList<>();
        try (Stream<Path> boards = Files.list(DEPLOY.resolve("grafana/dashboards"))) {
            for (Path board : boards.sorted().toList()) {
                JsonNode tree = JSON.readTree(board.toFile());
                for (JsonNode panel : tree.path("panels")) {
                    panel.path("targets")
                            .forEach(target -> queries.add(target.path("expr")
                                    .asText()
                                    .replace("$database", ".*")
                                    .replace("$__rate_interval", "1m")
                                    .replace("$__range", "5m")));
                }
            }
        }
        return queries;
    }

    /** Recording rules as they are; of alerts, whose comparisons hold only in trouble, each metric that they look at. */
    private static List<String> rules() throws IOException {
        List<String> queries = new ArrayList<>();
        for (String file : List.of("recording.yml", "alerts.yml")) {
            JsonNode groups = YAML.readTree(
                            DEPLOY.resolve("prometheus/rules").resolve(file).toFile())
                    .path("groups");
            for (JsonNode rule : groups.get(0).path("rules")) {
                String expression = rule.path("expr").asText();
                if (rule.has("record")) {
                    queries.add(expression);
                    queries.add(rule.path("record").asText());
                }
                Matcher metrics = METRIC.matcher(expression);
                while (metrics.find()) {
                    queries.add(metrics.group());
                }
            }
        }
        return queries;
    }

    private static boolean returnsData(int port, String query) {
        try {
            return given().baseUri("http://127.0.0.1")
                            .port(port)
                            .queryParam("query", query)
                            .get("/api/v1/query")
                            .jsonPath()
                            .getList("data.result")
                            .size()
                    > 0;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private void sendWhatASmallFleetSends() throws IOException {
        Instant now = Instant.now().minusSeconds(120);
        send(Message.REGISTRATION, registration(Instant.now(), database("shop")));
        Map<String, String> events = Map.of("table", "events");
        send(
                Message.RESULT,
                result(
                        "watch",
                        "shop",
                        task(
                                "health-check",
                                Outcome.SUCCEEDED,
                                now,
                                List.of(new Finding[] {
                                    finding("disk-used", Severity.CRITICAL, "/var", "97 %"),
                                    finding("dead-rows", Severity.WARNING, "events", "30 %")
                                }),
                                List.of(
                                        Measurement.gauge("database_size", "bytes", 1e9),
                                        Measurement.gauge("round_trip", "seconds", 0.002),
                                        Measurement.gauge("wal_size", "bytes", 1e8),
                                        Measurement.gauge("table_size", "bytes", 5e8, events),
                                        Measurement.gauge("table_dead", "rows", 1e4, events),
                                        Measurement.gauge("table_rows", "rows", 1e6, events),
                                        Measurement.gauge("oldest_record_age", "seconds", 1e6, events),
                                        Measurement.gauge("disk_free", "bytes", 1e10, Map.of("path", "/var")))),
                        now));
        send(
                Message.RESULT,
                result(
                        "nightly",
                        "shop",
                        task(
                                "backup",
                                Outcome.SUCCEEDED,
                                now,
                                List.of(),
                                List.of(
                                        Measurement.gauge("backup_size", "bytes", 1e8),
                                        Measurement.gauge("backup_source_size", "bytes", 1e9),
                                        Measurement.gauge("backup_duration", "seconds", 12),
                                        Measurement.gauge("backup_count", "backups", 7))),
                        now));
        send(
                Message.RESULT,
                result(
                        "cleanup",
                        "shop",
                        task(
                                "purge",
                                Outcome.FAILED,
                                now,
                                List.of(),
                                List.of(Measurement.count("purge_deleted", "rows", 1_000, events))),
                        now));
        List<Measurement> tooMany = new ArrayList<>();
        for (int i = 0; i < 201; i++) {
            tooMany.add(Measurement.gauge("wide", "rows", i, Map.of("table", "t" + i)));
        }
        send(Message.RESULT, result("wide", "shop", task("assess", Outcome.SUCCEEDED, now, List.of(), tooMany), now));
        send(new ProducerRecord<>(settings.topics().name(Topic.RESULTS), "bad", new byte[] {'{'}));
    }

    private <T> void send(Message<T> kind, T value) {
        send(records.of(kind, value, Optional.empty()));
    }

    private void send(ProducerRecord<String, byte[]> record) {
        try (Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            producer.send(record).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a program; gives what it said if it failed, else nothing. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? "" : said + "exit " + process.exitValue();
    }
}
