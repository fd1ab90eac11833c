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
        fillAgain();
        String backup = "backup-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["telemetry"]}, "tasks": [{"type": "backup"}]}""".formatted(backup));
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(backup).isPresent());
        assertThat(count("SELECT count(*) FROM events_seen")).isEqualTo(120_000);

        String id = "purge-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["telemetry"]}, "tasks": [{"type": "purge",
                 "rules": [{"table": "events_seen", "column": "created_at", "keep": "7d"}]}]}""".formatted(id));
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> count("SELECT count(*) FROM events_seen") < 120_000);
        executor.kill();
        long atDeath = count("SELECT count(*) FROM events_seen");
        executor.start();

        Result result = onlyResult(id);
        Instant cutoff = bus.run(id).orElseThrow().asOf().minus(Duration.ofDays(7));
        long left = count("SELECT count(*) FROM events_seen");
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(atDeath).as("rows when it died, in the middle of the purge").isGreaterThan(left);
        assertThat(count("SELECT count(*) FROM events_seen WHERE created_at < '" + cutoff + "'"))
                .as("rows past their retention that are left")
                .isZero();
        // the sample has one event each 8.64 s, with ids in the order of time up to 120 000
        assertThat(count("SELECT max(event_id) FROM events_seen")).isEqualTo(120_000);
        assertThat(count("SELECT min(event_id) FROM events_seen")).isEqualTo(120_000 - left + 1);
        assertThat(count("SELECT count(*) FROM events_seen WHERE created_at - interval '8.64 seconds' < '" + cutoff
                        + "'"))
                .as("the oldest event that is left: the one before it was past its retention")
                .isEqualTo(1);
    }

    /** Other tests run the sample policies, which purge. */
    private void fillAgain() throws SQLException {
        try (Connection connection = postgres.connect("telemetry");
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE events_seen RESTART IDENTITY");
            statement.execute("INSERT INTO events_seen (source, kind, body, created_at)"
                    + " SELECT 'probe-' || i % 40, 'log', jsonb_build_object('value', i, 'host', 'h' || i % 200),"
                    + " now() - interval '12 days' + i * interval '8.64 seconds' FROM generate_series(1, 120000) AS i");
            statement.execute("ANALYZE events_seen");
        }
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
