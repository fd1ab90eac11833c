package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.up.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An executor that dies by {@code kill -9} in the middle of its work, and is started again. */
class ExecutorKillTest {
    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final ServiceProcess executor = whole.system().services().executor();
    private final PostgresAddress postgres = whole.system().postgres().address();

    @Test
    void leavesNoHalfBackupAndEndsTheCommandOnce() throws Exception {
        String id = "backup-" + UUID.randomUUID();
        List<Path> before = backups();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["telemetry"]}, "tasks": [{"type": "backup"}]}""".formatted(id));

        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> backups().size() > before.size());
        executor.kill();
        List<Path> atDeath = backups();
        executor.start();

        Result result = onlyResult(id);
        assertThat(atDeath)
                .as("the backup was under way")
                .anyMatch(file -> file.toString().contains(".partial"));
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(backups()).noneMatch(file -> file.toString().contains(".partial"));
    }

    @Test
    void purgesWhatIsPastRetentionAndNothingElse() throws Exception {
        String table = "victims_" + UUID.randomUUID().toString().substring(0, 8);
        postgres.execute(
                "telemetry",
                "CREATE TABLE " + table + " (n bigint PRIMARY KEY, seen timestamptz NOT NULL, body text NOT NULL)",
                "INSERT INTO " + table
                        + " SELECT i, now() - i * interval '1 minute', repeat('x', 200) FROM generate_series(1, 100000) i",
                "CREATE INDEX ON " + table + " (seen)",
                "ALTER TABLE " + table + " OWNER TO telemetry_owner");
        String backup = "backup-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["telemetry"]}, "tasks": [{"type": "backup"}]}""".formatted(backup));
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(backup).isPresent());

        String id = "purge-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["telemetry"]}, "tasks": [{"type": "purge",
                 "rules": [{"table": "%s", "column": "seen", "keep": "40d"}]}]}""".formatted(id, table));
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> count("SELECT count(*) FROM " + table) < 100_000);
        executor.kill();
        long atDeath = count("SELECT count(*) FROM " + table);
        executor.start();

        Result result = onlyResult(id);
        Instant cutoff = bus.run(id).orElseThrow().asOf().minus(Duration.ofDays(40));
        long expected = count("SELECT count(*) FROM generate_series(1, 100000) i JOIN LATERAL (SELECT seen FROM "
                + table + " WHERE n = i) t ON true WHERE seen >= '" + cutoff + "'");
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(count("SELECT count(*) FROM " + table + " WHERE seen < '" + cutoff + "'"))
                .as("rows past their retention that are left")
                .isZero();
        // rows were made one a minute, the youngest one minute old: those within 40 days are n = 1 to 57 600, give or
        // take the
        // minutes between the making and the order
        assertThat(count("SELECT max(n) - count(*) FROM " + table))
                .as("rows deleted wrongly")
                .isZero();
        assertThat(expected).isBetween(57_590L, 57_600L);
        assertThat(atDeath).as("the purge was under way").isGreaterThan(expected);
    }

    private Result onlyResult(String run) {
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(run).isPresent());
        RunState state = bus.run(run).orElseThrow();
        assertThat(state.targets()).hasSize(1);
        Target target = state.targets().get(0);
        List<Result> results = bus.results(target.command());
        assertThat(results).as("results of " + target.command()).hasSize(1);
        return results.get(0);
    }

    private List<Path> backups() {
        try (Stream<Path> files = Files.walk(whole.system().backups())) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // a file vanished while it was looked at
        }
    }

    private long count(String query) throws SQLException {
        try (Connection connection = postgres.connect("telemetry");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
