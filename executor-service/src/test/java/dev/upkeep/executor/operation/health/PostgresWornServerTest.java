package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Faults of a small server that is at one of its ends, by the built-in limits: ids, connections, WAL; and of the way to it: its clock, its network. */
class PostgresWornServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Path folder = Path.of("");
    private static LocalPostgres server;

    private final PostgresHealth health = new PostgresHealth(ExecutorThresholds.none(), new HealthMemory());
    private final PostgresFixture database = PostgresFixture.on(server.address(), "postgres");

    @BeforeAll
    static void start() throws IOException {
        folder = Files.createTempDirectory("upkeep-worn-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = PostgresFixture.setup(folder)
                .setting("max_connections", "13")
                .setting("superuser_reserved_connections", "3")
                .setting("max_wal_size", "32MB")
                .setting("min_wal_size", "32MB")
                .setting("wal_init_zero", "off")
                .setting("autovacuum_freeze_max_age", "2000000000")
                .setting("autovacuum_multixact_freeze_max_age", "2000000000")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.stop(LocalPostgres.Stop.IMMEDIATE);
        server.close();
        Scratch.delete(folder);
    }

    private List<Finding> found(String check) throws Exception {
        return PostgresFixture.of(database.perform(health, HealthCheck.quick()), check);
    }

    private List<Severity> severities(String check) throws Exception {
        return found(check).stream().map(Finding::severity).toList();
    }

    @Test
    void findsIdsThatRunOut() throws Exception {
        Assumptions.assumeTrue(
                Files.exists(server.bin().resolve("pg_resetwal")),
                "these binaries have no pg_resetwal to age a server by");
        assertThat(found("xid-age")).isEmpty();
        assertThat(found("multixact-age")).isEmpty();
        server.stop(LocalPostgres.Stop.FAST);
        // both begin a page of their logs, which the server makes by itself, and the first is no multiple of 65,536, at
        // which autovacuum is woken
        server.runOffline("pg_resetwal", "-x", Long.toString(49_153L * 32_768), "-m", 838_861L * 2_048 + ",1");
        server.start();

        assertThat(found("xid-age")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.advice()).contains("task vacuum with mode freeze on database " + finding.object());
        });
        assertThat(severities("multixact-age")).containsExactly(Severity.CRITICAL);
        database.sql("ALTER DATABASE template0 ALLOW_CONNECTIONS true");
        for (String each : List.of("template0", "template1", "postgres")) {
            PostgresFixture.on(server.address(), each).sql("VACUUM FREEZE");
        }

        assertThat(found("xid-age")).isEmpty();
        assertThat(found("multixact-age")).isEmpty();
    }

    @Test
    void findsAServerWhoseConnectionsAreTaken() throws Exception {
        List<Connection> application = new ArrayList<>();
        try {
            while (application.size() < 7) {
                application.add(database.connect());
            }

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(found("connections"))
                            .singleElement()
                            .satisfies(finding -> {
                                assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                                assertThat(finding.value()).isEqualTo("80 %");
                                assertThat(finding.advice()).contains("By state: idle 7");
                            }));
            application.add(database.connect());
            assertThat(severities("connections")).containsExactly(Severity.CRITICAL);
        } finally {
            for (Connection each : application) {
                each.close();
            }
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(found("connections")).isEmpty());
    }

    @Test
    void findsWalThatASlotKeeps() throws Exception {
        database.sql("SELECT pg_create_physical_replication_slot('forgotten', true)");
        for (int i = 0; i < 9; i++) {
            database.sql("SELECT pg_logical_emit_message(false, 'upkeep', 'x')", "SELECT pg_switch_wal()");
        }

        assertThat(found("wal-size")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.advice()).contains("slot");
        });
        database.sql("SELECT pg_drop_replication_slot('forgotten')");

        await().atMost(PATIENCE).untilAsserted(() -> {
            database.sql(
                    "SELECT pg_logical_emit_message(false, 'upkeep', 'x')", "SELECT pg_switch_wal()", "CHECKPOINT");
            assertThat(found("wal-size")).isEmpty();
        });
    }

    @Test
    void findsANetworkThatIsSlow() throws Exception {
        try (SlowRoad road = new SlowRoad(server.address().port())) {
            PostgresDatabase distant = new PostgresDatabase(
                    database.database().id(),
                    database.database().labels(),
                    new PostgresAddress("127.0.0.1", road.port(), "postgres"),
                    server.address().user(),
                    () -> Optional.of(server.address().password()),
                    database.database().settings());

            road.delay("SELECT 1", Duration.ofMillis(700));
            assertThat(roundTrip(distant))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isIn(Severity.WARNING, Severity.CRITICAL));
            road.delay("SELECT 1", Duration.ZERO);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(roundTrip(distant)).isEmpty());
        }
    }

    private List<Finding> roundTrip(PostgresDatabase distant) throws SQLException {
        return PostgresFixture.of(
                health.perform(PostgresFixture.order(HealthCheck.quick(), false), distant, CalmAttempt.inHaste()),
                "round-trip");
    }

    @Test
    void findsAClockThatIsWrong() throws Exception {
        assertThat(PostgresFixture.of(
                        database.perform(by(Duration.ofSeconds(40)), HealthCheck.quick()), "clock-offset"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        assertThat(PostgresFixture.of(
                        database.perform(by(Duration.ofMinutes(-6)), HealthCheck.quick()), "clock-offset"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.CRITICAL));
        assertThat(found("clock-offset")).isEmpty();
    }

    /** A health check on a host whose clock is so far ahead. */
    private static PostgresHealth by(Duration ahead) {
        return new PostgresHealth(
                ExecutorThresholds.none(),
                new HealthMemory(),
                Optional.empty(),
                Clock.offset(Clock.systemUTC(), ahead));
    }
}
