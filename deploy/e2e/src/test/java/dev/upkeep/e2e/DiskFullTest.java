package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups and archives on a small disk that fills up while a packaged executor writes to it. */
class DiskFullTest {
    private static final int OLD = 30_000;
    private static final int YOUNG = 500;
    private static final String PURGE = "{\"type\": \"purge\", \"archive\": \"json-lines\", \"rules\":"
            + " [{\"table\": \"events\", \"column\": \"at\", \"keep\": \"7d\", \"format\": \"iso-text\"}]}";

    @TempDir
    Path folder;

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final String suffix = UUID.randomUUID().toString().substring(0, 8);
    private final String file = "full-" + suffix;
    private SmallDisk disk;
    private OtherExecutor executor;

    @BeforeEach
    void start() throws Exception {
        try (Connection connection = sqlite();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT, body BLOB)");
            statement.execute("CREATE INDEX at ON events (at)");
            fill(statement, OLD, "2020-01-01T00:00:00Z");
            fill(statement, YOUNG, "2999-01-01T00:00:00Z");
        }
        disk = SmallDisk.at(folder.resolve("disk"));
        executor = new OtherExecutor(whole, file, folder, 3, disk.prefix(), """
                databases:
                  %s: {engine: sqlite, file: "%s"}
                guardrails: {tables: [events], least-keep: 7d}
                backup: {directory: "%s", least-free: 1}
                purge: {directory: "%s", max-share: 1.0}
                """.formatted(
                        file,
                        folder.resolve("full.db"),
                        disk.path().resolve("backups"),
                        disk.path().resolve("archives")));
        executor.start(file);
    }

    @AfterEach
    void end() {
        executor.close();
        disk.close();
    }

    private static void fill(Statement statement, int rows, String at) throws SQLException {
        statement.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                + ") INSERT INTO events (at, body) SELECT '" + at + "', randomblob(600) FROM n");
    }

    private Connection sqlite() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("full.db"));
    }

    private long rows(String where) throws SQLException {
        try (Connection connection = sqlite();
                ResultSet row =
                        connection.createStatement().executeQuery("SELECT count(*) FROM events WHERE " + where)) {
            return row.getLong(1);
        }
    }

    private String order(String task) throws Exception {
        String id = "full-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["%s"]}, "tasks": [%s]}""".formatted(id, file, task));
        return id;
    }

    private Result resultOf(String id) {
        await().atMost(WholeSystem.PATIENCE).until(() -> !bus.results(id).isEmpty());
        return bus.results(id).get(0);
    }

    /** The disk as the executor sees it. */
    private Path seen() {
        return disk.seenBy(executor.process().pid());
    }

    private List<String> files(String part) {
        try (Stream<Path> files = Files.walk(seen())) {
            return files.filter(Files::isRegularFile)
                    .map(path -> seen().relativize(path).toString())
                    .filter(name -> name.contains(part))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // a file vanished while it was looked at
        }
    }

    private void fillUp() throws IOException {
        byte[] block = new byte[64 * 1024];
        try (OutputStream out = Files.newOutputStream(seen().resolve("filler"))) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private void makeRoom() throws IOException {
        Files.delete(seen().resolve("filler"));
    }

    private static void failedForTheDisk(Result result) {
        assertThat(result.outcome()).as(result.toString()).isEqualTo(Outcome.FAILED);
        assertThat(result.reasons().get(0).code()).isEqualTo(Code.DISK_FULL);
        assertThat(result.attempts()).isOne();
    }

    @Test
    void aBackupThatMeetsAFullDiskLeavesNothingAndTheNextOneSucceeds() throws Exception {
        Result first = resultOf(order("{\"type\": \"backup\"}"));
        assertThat(first.outcome()).as(first.toString()).isEqualTo(Outcome.SUCCEEDED);
        List<String> good = files("backups/");
        String id = order("{\"type\": \"backup\"}");
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> !files(".partial").isEmpty());

        fillUp();

        failedForTheDisk(resultOf(id));
        assertThat(files("backups/")).containsExactlyInAnyOrderElementsOf(good);
        makeRoom();
        assertThat(executor.isReady()).isTrue();
        assertThat(resultOf(order("{\"type\": \"backup\"}")).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(files(".partial")).isEmpty();
    }

    @Test
    void aPurgeDeletesNothingThatItCannotArchiveAndTheNextOneGoesOn() throws Exception {
        String id = order(PURGE);
        await().atMost(WholeSystem.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> rows("at < '2021'") < OLD);

        fillUp();

        Result result = resultOf(id);
        failedForTheDisk(result);
        long left = rows("at < '2021'");
        assertThat(left).as("it was stopped in its middle").isBetween(1L, (long) OLD);
        makeRoom();
        Result next = resultOf(order(PURGE));
        assertThat(next.outcome()).as(next.toString()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rows("at < '2021'")).isZero();
        assertThat(rows("at > '2021'")).isEqualTo(YOUNG);

        Set<String> receipts = files("archives/").stream()
                .map(name -> Path.of(name).getName(2).toString())
                .filter(name -> name.matches("\\d{8}T\\d{6}Z-[0-9a-f]{16}"))
                .collect(Collectors.toSet());
        assertThat(receipts).as("one of the purge that failed, one of the next").hasSize(2);
        for (String receipt : receipts) {
            Result restored = resultOf(order("{\"type\": \"restore-purged\", \"receipt\": \"" + receipt + "\"}"));
            assertThat(restored.outcome()).as(restored.toString()).isEqualTo(Outcome.SUCCEEDED);
        }
        assertThat(rows("at < '2021'")).as("nothing was lost").isEqualTo(OLD);
        assertThat(rows("id <= " + OLD + " AND length(body) = 600")).isEqualTo(OLD);
    }
}
