package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.local.sample.SqliteSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The five systems run on Upkeep by the sample policies as they stand, in the packaged services, while applications write. */
class SampleSystemsTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Duration BASELINE = Duration.ofSeconds(2);

    @TempDir
    static Path folder;

    private static WholeSystem whole;
    private static SampleSystems systems;

    @BeforeAll
    static void start() throws Exception {
        whole = WholeSystem.get();
        systems = SampleSystems.start(whole, folder.toRealPath());
    }

    @AfterAll
    static void stop() {
        systems.close();
    }

    @Test
    void system1KeepsTheAuditDatabaseOfAPipelineEngineInOrderWhileItWrites() throws Exception {
        Path file = systems.file(SqliteSample.AUDIT);
        try (BusyWriters writers = new BusyWriters(
                file,
                "INSERT INTO nodes (run_id, name) SELECT run_id, 'while busy' FROM runs ORDER BY started_at DESC LIMIT 1")) {
            BusyWriters.Count before = baseline(writers);

            run("audit-size");
            run("audit-indexes");
            run("audit-purge");
            run("audit-files", "five-audit");
            run("audit-connections", "five-audit-pg");

            assertNoWriteFailed("system 1", before, writers.count());
        }
        assertThat(text(
                        file,
                        "SELECT count(*) FROM runs WHERE status IN ('completed', 'failed') AND started_at <"
                                + " strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-90 days')"))
                .isEqualTo("0");
        assertThat(text(file, "SELECT count(*) FROM rows WHERE run_id NOT IN (SELECT run_id FROM runs)"))
                .isEqualTo("0");
        assertThat(text(file, "SELECT count(*) FROM runs WHERE status = 'abandoned'"))
                .isEqualTo("1");
        assertThat(text(file, "PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(value("audit", "SELECT min(started_at::timestamptz) >= now() - interval '91 days' FROM runs"))
                .isEqualTo("t");
        assertThat(
                        value(
                                "audit",
                                "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%(run_id)' AND tablename = 'rows'"
                                        + " OR indexdef LIKE '%(token_id)' AND tablename = 'node_states' AND NOT indexdef LIKE '%UNIQUE%'"))
                .isEqualTo("2");
        for (String database : List.of("five-audit", "five-audit-pg")) {
            assertThat(files(systems.archives().resolve(database))).anyMatch(name -> name.endsWith(".jsonl.zst"));
        }
        assertThat(files(systems.backups().resolve("five-audit"))).isNotEmpty();
    }

    @Test
    void system2KeepsATelemetryPlatformInOrder() throws Exception {
        run("telemetry-health");
        run("telemetry-partitions");
        run("telemetry-cleanup");
        run("telemetry-archive");
        List<Result> last = run("telemetry-retention");

        assertThat(value("telemetry", "SELECT min(created_at) >= now() - interval '7 days 1 hour' FROM events_seen"))
                .isEqualTo("t");
        assertThat(value("telemetry", "SELECT min(window_start_ts) >= now() - interval '91 days' FROM agg_1m"))
                .isEqualTo("t");
        assertThat(value("telemetry", "SELECT count(*) FROM agg_1m WHERE window_start_ts > now() - interval '89 days'"))
                .isNotEqualTo("0");
        assertThat(value("telemetry", "SELECT reloptions FROM pg_class WHERE relname = 'events_seen'"))
                .contains("0.02");
        assertThat(findings(last)).extracting(Finding::check).doesNotContain("retention", "partition-headroom");
    }

    @Test
    void system3KeepsAnAiBackEndInOrder() throws Exception {
        List<Result> indexes = run("ai-monthly-indexes");
        run("ai-weekly-vacuum");
        run("ai-connections");
        run("ai-slow-queries");
        run("ai-backup");
        List<Result> drill = run("ai-drill");
        String select = "\"select\": {\"databases\": [\"five-ai\"]}";
        request(select + ", \"tasks\": [{\"type\": \"backup\"}, {\"type\": \"migration-guard\", \"phase\": \"before\","
                + " \"backupWithin\": \"1h\", \"tables\": [\"answers\"]}]");
        request(select + ", \"tasks\": [{\"type\": \"migration-guard\", \"phase\": \"after\"}]");

        assertThat(findings(indexes)).extracting(Finding::check).contains("index-foreign-key-without-index");
        assertThat(value("ai", "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'prompts'"))
                .isEqualTo("0");
        assertThat(drill).allMatch(result -> result.outcome() == Outcome.SUCCEEDED);
        assertThat(files(systems.backups().resolve("five-ai"))).isNotEmpty();
    }

    @Test
    void system4KeepsATaskQueueInOrderWhileItWrites() throws Exception {
        Path file = systems.file(SqliteSample.QUEUE);
        try (BusyWriters writers = new BusyWriters(
                file,
                "INSERT INTO task_queue (kind, payload, state, priority, attempts, created_at)"
                        + " VALUES ('mail', '{}', 'ready', 1, 0, strftime('%s', 'now'))")) {
            BusyWriters.Count before = baseline(writers);

            List<Result> health = run("queue-health");
            run("queue-backup");
            run("queue-leases");
            run("queue-care");
            run("queue-integrity");
            List<Result> mended = run("queue-health");

            assertNoWriteFailed("system 4", before, writers.count());
            assertThat(findings(health)).extracting(Finding::check).contains("stale-leases");
            assertThat(findings(mended)).extracting(Finding::check).doesNotContain("stale-leases", "freelist");
        }
        assertThat(text(
                        file,
                        "SELECT count(*) FROM task_queue WHERE state = 'leased' AND lease_expires_at <"
                                + " strftime('%s', 'now') - 300"))
                .isEqualTo("0");
        assertThat(text(file, "PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(text(file, "PRAGMA journal_mode")).isEqualTo("wal");
        assertThat(files(systems.backups().resolve("five-queue"))).isNotEmpty();
    }

    @Test
    void system5KeepsOracleOperationsInOrder() throws Exception {
        List<Result> before = run("oracle-health");
        run("oracle-vacuum");
        List<Result> after = run("oracle-health");
        run("oracle-alerts");

        assertThat(findings(before)).extracting(Finding::check).contains("missing-primary-key", "dead-rows");
        assertThat(findings(after))
                .extracting(Finding::check)
                .contains("missing-primary-key")
                .doesNotContain("dead-rows");
    }

    @Test
    void leavesNoSamplePolicyOut() throws Exception {
        String tests = Files.readString(
                WholeSystem.home().resolve("deploy/e2e/src/test/java/dev/upkeep/e2e/SampleSystemsTest.java"));
        for (Path policies : List.of(Path.of("deploy/policies"), Path.of("deploy/local/policies"))) {
            try (Stream<Path> files = Files.list(WholeSystem.home().resolve(policies))) {
                assertThat(files.map(file -> file.getFileName().toString())
                                .filter(name -> name.endsWith(".yaml") && !name.startsWith("fleet-"))
                                .map(name -> "run(\"" + name.replace(".yaml", "") + "\""))
                        .isNotEmpty()
                        .allMatch(tests::contains);
            }
        }
    }

    private static BusyWriters.Count baseline(BusyWriters writers) {
        long end = System.nanoTime() + BASELINE.toNanos();
        await().atMost(WholeSystem.PATIENCE)
                .until(() -> System.nanoTime() > end && writers.count().writes() > 50);
        return writers.count();
    }

    /** No write failed but those that it would have had anyway. */
    private static void assertNoWriteFailed(String system, BusyWriters.Count before, BusyWriters.Count all) {
        System.out.printf(
                "%s: %d writes without Upkeep, longest %d ms, %d failed; %d with it, longest %d ms, %d failed%n",
                system,
                before.writes(),
                before.longestMillis(),
                before.failures(),
                all.writes() - before.writes(),
                all.longestMillis(),
                all.failures() - before.failures());
        assertThat(all.writes() - before.writes()).isGreaterThan(50);
        assertThat(all.failures()).as(all.lastFailure()).isEqualTo(before.failures());
    }

    /** Has a policy's tasks done on its databases here, and demands that all end well. */
    private static List<Result> run(String policy, String... databases) throws Exception {
        JsonNode file = YAML.readTree(path(policy).toFile());
        ObjectNode select = file.get("select").deepCopy();
        select.withArray("labels").add("site=five");
        ObjectNode request = YAML.createObjectNode();
        request.set("select", select);
        request.set("tasks", file.get("tasks"));
        String text = request.toString();
        List<Result> results = request(text.substring(1, text.length() - 1));
        if (databases.length > 0) {
            assertThat(results).extracting(result -> result.database().text()).containsExactlyInAnyOrder(databases);
        }
        return results;
    }

    private static Path path(String policy) {
        Path here = WholeSystem.home().resolve("deploy/policies/" + policy + ".yaml");
        return Files.exists(here) ? here : WholeSystem.home().resolve("deploy/local/policies/" + policy + ".yaml");
    }

    private static List<Result> request(String selectAndTasks) throws Exception {
        String id = "five-" + UUID.randomUUID();
        whole.bus().publish("{\"id\": \"" + id + "\", " + selectAndTasks + "}");
        await().atMost(WholeSystem.PATIENCE).until(() -> whole.bus().ended(id).isPresent());
        List<Result> results = whole.bus().results(id);
        assertThat(results)
                .as(whole.bus().run(id).toString())
                .isNotEmpty()
                .allSatisfy(result -> assertThat(result.outcome())
                        .as("%s on %s: %s %s", selectAndTasks, result.database(), result.reasons(), result.tasks())
                        .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO));
        return results;
    }

    private static List<Finding> findings(List<Result> results) {
        return results.stream()
                .flatMap(result -> result.tasks().stream())
                .flatMap(task -> task.findings().stream())
                .toList();
    }

    private static List<String> files(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }

    private static String value(String database, String sql) throws SQLException {
        try (Connection connection = systems.server().connect(database)) {
            return first(connection, sql);
        }
    }

    private static String text(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            return first(connection, sql);
        }
    }

    private static String first(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "no row";
        }
    }
}
