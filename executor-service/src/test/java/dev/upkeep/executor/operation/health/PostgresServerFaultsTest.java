package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Faults of a whole server, made on one of its own: settings, archiving, damaged pages, a standby, a role without rights. */
class PostgresServerFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static Path folder = Path.of("");
    private static LocalPostgres server;

    private final PostgresHealth health = new PostgresHealth(ExecutorThresholds.none(), new HealthMemory());

    @BeforeAll
    static void start() throws IOException {
        folder = Files.createTempDirectory("upkeep-health-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = PostgresFixture.setup(folder.resolve("primary"))
                .setting("archive_mode", "on")
                .setting("autovacuum_naptime", "600")
                .setting("shared_buffers", "2MB")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.stop(LocalPostgres.Stop.IMMEDIATE);
        server.close();
        Scratch.delete(folder);
    }

    private static PostgresFixture database(String name) throws SQLException {
        server.address().createDatabase(name);
        return PostgresFixture.on(server.address(), name);
    }

    private List<Finding> found(PostgresFixture database, String check) throws Exception {
        return PostgresFixture.of(database.perform(health, HealthCheck.quick()), check);
    }

    private static void setting(PostgresFixture database, String name, String value) throws Exception {
        database.sql("ALTER SYSTEM SET " + name + " = " + value, "SELECT pg_reload_conf()");
        String expected = value.replace("'", "");
        await().until(() -> database.value("SHOW " + name).equals(expected));
    }

    @Test
    void hasNoWarningForAHealthyDatabaseOf500Tables() throws Exception {
        PostgresFixture healthy = database("healthy");
        setting(healthy, "archive_command", "'true'");
        healthy.sql("""
                DO $$ BEGIN FOR i IN 1..500 LOOP
                  EXECUTE format('CREATE TABLE t%1$s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Other Id" int, at timestamptz)', i);
                  EXECUTE format('CREATE INDEX ON t%1$s ("Other Id")', i);
                  EXECUTE format('INSERT INTO t%1$s ("Other Id", at) SELECT g, now() FROM generate_series(1, 20) g', i);
                END LOOP; END $$
                """, "VACUUM ANALYZE");

        Done done = healthy.perform(health, HealthCheck.quick());
        Done again = healthy.perform(health, HealthCheck.quick());

        assertThat(done.findings()).noneMatch(finding -> finding.severity() != Severity.INFO);
        assertThat(again.findings()).noneMatch(finding -> finding.severity() != Severity.INFO);
        assertThat(((HealthCheck.Report) done.report().orElseThrow()).facts()).containsEntry("tables", "500");
    }

    @Test
    void findsSettingsThatRiskTheData() throws Exception {
        PostgresFixture database = database("settings");
        setting(database, "full_page_writes", "off");

        assertThat(found(database, "durability")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("full_page_writes");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        });
        setting(database, "full_page_writes", "on");

        assertThat(found(database, "durability")).isEmpty();
    }

    @Test
    void findsSettingsThatWaitForARestartAndAutovacuumOff() throws Exception {
        PostgresFixture database = database("pending");
        setting(database, "autovacuum", "off");
        database.sql("ALTER SYSTEM SET max_worker_processes = 9", "SELECT pg_reload_conf()");

        await().untilAsserted(() -> assertThat(found(database, "pending-restart"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.advice()).contains("max_worker_processes")));
        assertThat(found(database, "autovacuum-off"))
                .extracting(Finding::object)
                .containsExactly("the server");
        database.sql("ALTER SYSTEM SET max_worker_processes = 8", "SELECT pg_reload_conf()");
        setting(database, "autovacuum", "on");

        await().untilAsserted(
                        () -> assertThat(found(database, "pending-restart")).isEmpty());
        assertThat(found(database, "autovacuum-off")).isEmpty();
    }

    @Test
    void findsAnArchiverThatFails() throws Exception {
        PostgresFixture database = database("archiving");
        setting(database, "archive_command", "'false'");
        database.sql("CREATE TABLE t (id int PRIMARY KEY)", "SELECT pg_switch_wal()");
        HealthCheck strict = new HealthCheck(
                Optional.empty(), Map.of("archive-ready", new HealthCheck.Limits(Optional.of(1.0), Optional.empty())));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(found(database, "archiver"))
                        .singleElement()
                        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.CRITICAL)));
        assertThat(PostgresFixture.of(database.perform(health, strict), "archive-ready"))
                .hasSize(1);
        setting(database, "archive_command", "'true'");
        database.sql("SELECT pg_switch_wal()");

        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(found(database, "archiver")).isEmpty());
        assertThat(PostgresFixture.of(database.perform(health, strict), "archive-ready"))
                .isEmpty();
    }

    @Test
    void findsReadsThatMissTheCacheForInformation() throws Exception {
        PostgresFixture database = database("cold");
        database.sql(
                "CREATE TABLE small AS SELECT 1 AS id",
                "CREATE TABLE wide AS SELECT repeat('x', 1000) AS body FROM generate_series(1, 16000)");
        found(database, "cache-hit");
        database.sql("SET max_parallel_workers_per_gather = 0; DO $$ BEGIN FOR i IN 1..60 LOOP"
                + " PERFORM count(*) FROM wide; END LOOP; END $$");

        await().untilAsserted(() -> assertThat(found(database, "cache-hit"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.INFO)));
        database.sql("DO $$ BEGIN FOR i IN 1..150000 LOOP PERFORM id FROM small; END LOOP; END $$");

        assertThat(found(database, "cache-hit")).isEmpty();
    }

    @Test
    void findsADamagedPage() throws Exception {
        PostgresFixture database = database("damaged");
        database.sql(
                "CREATE TABLE hurt (id int PRIMARY KEY, body text)",
                "INSERT INTO hurt SELECT g, repeat('x', 100) FROM generate_series(1, 1000) g",
                "CHECKPOINT");
        Path file = folder.resolve("primary/data").resolve(database.value("SELECT pg_relation_filepath('hurt')"));
        server.stop(LocalPostgres.Stop.FAST);
        try (RandomAccessFile page = new RandomAccessFile(file.toFile(), "rw")) {
            page.seek(8_192 + 4_000);
            page.writeByte(page.read() + 1);
        }
        server.start();
        assertThatThrownBy(() -> database.sql("SELECT sum(length(body)) FROM hurt"))
                .hasMessageContaining("invalid page");

        await().untilAsserted(() -> assertThat(found(database, "checksum-failures"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.CRITICAL)));
        database.sql(
                "SET zero_damaged_pages = on; SELECT count(*) FROM hurt", "VACUUM FULL hurt", "SELECT pg_stat_reset()");

        await().untilAsserted(
                        () -> assertThat(found(database, "checksum-failures")).isEmpty());
    }

    @Test
    void looksAtWhatARoleWithoutRightsMaySeeAndSaysWhatItMayNot() throws Exception {
        PostgresFixture database = database("poor");
        database.sql("CREATE ROLE poor LOGIN PASSWORD 'poor'", "CREATE TABLE t (id int PRIMARY KEY)");

        Done done = health.perform(
                PostgresFixture.order(HealthCheck.quick(), false),
                database.database("poor", "poor"),
                CalmAttempt.inHaste());

        assertThat(PostgresFixture.of(done, "not-looked"))
                .extracting(Finding::object)
                .containsExactly("pg_wal");
        database.sql("GRANT pg_monitor TO poor");

        Done better = health.perform(
                PostgresFixture.order(HealthCheck.quick(), false),
                database.database("poor", "poor"),
                CalmAttempt.inHaste());
        assertThat(PostgresFixture.of(better, "not-looked")).isEmpty();
    }

    @Test
    void recognisesAStandbyAndItsLag() throws Exception {
        PostgresFixture database = database("replicated");
        database.sql("CREATE TABLE t (id int PRIMARY KEY)");
        Path standbyFolder = folder.resolve("standby");
        PostgresFixture.makeStandby(server, folder.resolve("primary"), standbyFolder);
        try (LocalPostgres standby = PostgresFixture.setup(standbyFolder).start()) {
            PostgresFixture copy = PostgresFixture.on(standby.address(), "replicated");
            Map<String, HealthCheck.Limits> limits = Map.of(
                    "replication-lag-size",
                    new HealthCheck.Limits(Optional.of(100_000.0), Optional.empty()),
                    "replication-lag",
                    new HealthCheck.Limits(Optional.of(0.001), Optional.empty()));
            HealthCheck strict = new HealthCheck(Optional.empty(), limits);

            await().atMost(PATIENCE)
                    .until(() -> database.value("SELECT count(*) FROM pg_stat_replication")
                            .equals("1"));
            Done onStandby = copy.perform(health, HealthCheck.quick());
            database.sql("INSERT INTO t VALUES (0)");
            await().atMost(PATIENCE)
                    .until(() -> copy.value("SELECT count(*) FROM t").equals("1"));
            copy.sql("SELECT pg_wal_replay_pause()");
            database.sql("INSERT INTO t SELECT generate_series(1, 10000)");
            await().untilAsserted(() -> assertThat(
                            PostgresFixture.of(database.perform(health, strict), "replication-lag-size"))
                    .hasSize(1));
            assertThat(PostgresFixture.of(copy.perform(health, strict), "replication-lag-size"))
                    .extracting(Finding::object)
                    .containsExactly("this standby");
            assertThat(PostgresFixture.of(copy.perform(health, strict), "replication-lag"))
                    .extracting(Finding::object)
                    .containsExactly("this standby");
            copy.sql("SELECT pg_wal_replay_resume()");

            await().untilAsserted(
                            () -> assertThat(PostgresFixture.of(copy.perform(health, strict), "replication-lag-size"))
                                    .isEmpty());
            await().untilAsserted(() -> assertThat(PostgresFixture.of(copy.perform(health, strict), "replication-lag"))
                    .isEmpty());
            HealthCheck.Report report = (HealthCheck.Report) onStandby.report().orElseThrow();
            assertThat(report.facts()).containsEntry("role", "standby");
            assertThat(PostgresFixture.of(onStandby, "not-looked")).isEmpty();
        }
    }
}
