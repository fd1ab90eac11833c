package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Result;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.PostgresAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that goes away, or is locked by somebody else, in the middle of the work of a packaged executor. */
class DatabaseFaultsTest {
    private static final int OLD = 60_000;
    private static final int YOUNG = 1_000;

    @TempDir
    Path folder;

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final LocalPostgres postgres = whole.system().postgres();
    private final PostgresAddress address = postgres.address();
    private final String suffix = UUID.randomUUID().toString().substring(0, 8);
    private final String server = "fault_" + suffix;
    private final String file = "faultfile-" + suffix;
    private OtherExecutor executor;

    private void start(int tries) throws Exception {
        Path password = Files.writeString(folder.resolve("password"), address.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        address.createDatabase(server);
        address.execute(
                server,
                "CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz NOT NULL, body text)",
                "CREATE INDEX ON events (at)",
                "INSERT INTO events (at, body) SELECT now() - interval '30 days', repeat('x', 200) FROM generate_series(1, "
                        + OLD + ")",
                "INSERT INTO events (at) SELECT now() FROM generate_series(1, " + YOUNG + ")");
        try (Connection connection = sqlite();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)");
            statement.execute("CREATE INDEX at ON events (at)");
            statement.execute("INSERT INTO events (at) VALUES ('2020-01-01T00:00:00Z'), ('2999-01-01T00:00:00Z')");
        }
        executor = new OtherExecutor(whole, "fault-" + suffix, folder, tries, List.of(), """
                databases:
                  %s: {engine: postgresql, host: 127.0.0.1, port: %d, user: %s, password-file: "%s"}
                  %s: {engine: sqlite, file: "%s"}
                guardrails: {tables: [events], least-keep: 7d}
                backup: {directory: "%s"}
                purge: {directory: "%s", max-share: 1.0}
                """.formatted(
                        server,
                        address.port(),
                        address.user(),
                        password,
                        file,
                        folder.resolve("locked.db"),
                        folder.resolve("backups"),
                        folder.resolve("archives")));
        executor.start(server, file);
    }

    @AfterEach
    void end() {
        executor.close();
    }

    private Connection sqlite() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("locked.db"));
    }

    private String order(String database, String task) throws Exception {
        String id = "fault-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["%s"]}, "tasks": [%s]}""".formatted(id, database, task));
        return id;
    }

    private Result resultOf(String id) {
        await().atMost(WholeSystem.PATIENCE).until(() -> !bus.results(id).isEmpty());
        assertThat(bus.results(id)).hasSize(1);
        return bus.results(id).get(0);
    }

    private static String purge(String more) {
        return "{\"type\": \"purge\", \"rules\": [{\"table\": \"events\", \"column\": \"at\", \"keep\": \"7d\"" + more
                + "}]}";
    }

    private long count(String query) throws SQLException {
        try (Connection connection = address.connect(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void crashAndRecover() {
        postgres.stop(LocalPostgres.Stop.IMMEDIATE);
        postgres.start();
    }

    private void isHealthyAfterwards() throws Exception {
        assertThat(executor.isReady()).isTrue();
        assertThat(resultOf(order(server, "{\"type\": \"health-check\"}")).outcome())
                .isEqualTo(Outcome.SUCCEEDED);
        await().atMost(WholeSystem.PATIENCE)
                .until(() -> count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0);
    }

    @Test
    void aPurgeGoesOnWhenPostgresqlCrashesInItsMiddle() throws Exception {
        start(6);
        String id = order(server, purge(""));
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> count("SELECT count(*) FROM events") < OLD);

        crashAndRecover();

        assertThat(bus.results(id)).as("it was in its middle").isEmpty();
        Result result = resultOf(id);
        assertThat(result.outcome()).as(result.toString()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.attempts()).isGreaterThan(1);
        assertThat(count("SELECT count(*) FROM events WHERE at < now() - interval '7 days'"))
                .isZero();
        assertThat(count("SELECT count(*) FROM events")).isEqualTo(YOUNG);
        isHealthyAfterwards();
    }

    @Test
    void aVacuumIsDoneAgainWhenPostgresqlCrashesInItsMiddle() throws Exception {
        start(6);
        address.execute(
                server,
                "DELETE FROM events WHERE id % 2 = 0",
                "ALTER DATABASE " + server + " SET vacuum_cost_delay = '20ms'",
                "ALTER DATABASE " + server + " SET vacuum_cost_limit = 20");
        String id = order(server, "{\"type\": \"vacuum\", \"tables\": [\"events\"], \"mode\": \"plain\"}");
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() ->
                        count("SELECT count(*) FROM pg_stat_progress_vacuum WHERE datname = '" + server + "'") > 0);

        address.execute(
                server,
                "ALTER DATABASE " + server + " RESET vacuum_cost_delay",
                "ALTER DATABASE " + server + " RESET vacuum_cost_limit");
        crashAndRecover();

        assertThat(bus.results(id)).as("it was in its middle").isEmpty();
        Result result = resultOf(id);
        assertThat(result.outcome()).as(result.toString()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.attempts()).isGreaterThan(1);
        isHealthyAfterwards();
    }

    @Test
    void aFileThatIsLockedForLongerThanAllTriesIsContendedAndDoneTheNextTime() throws Exception {
        start(2);
        String isoText = ", \"format\": \"iso-text\"";
        try (Connection application = sqlite();
                Statement statement = application.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            String id = order(file, purge(isoText));
            Result result = resultOf(id);

            assertThat(result.outcome()).as(result.toString()).isEqualTo(Outcome.CONTENDED);
            assertThat(result.reasons().get(0).code()).isEqualTo(Code.BUSY);
            assertThat(bus.progress(id))
                    .anySatisfy(told -> {
                        assertThat(told.kind()).isEqualTo(Progress.Kind.THROTTLED);
                        assertThat(told.message().orElseThrow()).startsWith("busy");
                    })
                    .anySatisfy(told -> assertThat(told.kind()).isEqualTo(Progress.Kind.RETRYING));
            statement.execute("ROLLBACK");
        }

        assertThat(resultOf(order(file, purge(isoText))).outcome()).isEqualTo(Outcome.SUCCEEDED);
        try (Connection connection = sqlite();
                ResultSet rows = connection.createStatement().executeQuery("SELECT count(*) FROM events")) {
            assertThat(rows.getInt(1)).isOne();
        }
        assertThat(folder.resolve("locked.db.upkeep-lock")).doesNotExist();
    }
}
