package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.local.server.PostgresAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A packaged executor under a mixed stream of commands for PostgreSQL and SQLite is killed at any time, start-up included:
 * {@code -Dupkeep.test.kills=200} for as many times, {@code -Dupkeep.test.seed} to see the same again.
 */
class KillLoopTest {
    private static final int KILLS = Integer.getInteger("upkeep.test.kills", 6);
    private static final int OLD_ROWS = 400;
    private static final int YOUNG_ROWS = 50;
    private static final List<String> TASKS = List.of(
            "{\"type\": \"purge\", \"rules\": [{\"table\": \"events\", \"column\": \"at\", \"keep\": \"7d\"%s}]}",
            "{\"type\": \"backup\", \"keep\": 2}",
            "{\"type\": \"vacuum\", \"mode\": \"plain\"}",
            "{\"type\": \"checkpoint\", \"mode\": \"truncate\"}");

    @TempDir
    Path folder;

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final PostgresAddress postgres = whole.system().postgres().address();
    private final String suffix = UUID.randomUUID().toString().substring(0, 8);
    private final String server = "kill_" + suffix;
    private final String file = "killfile-" + suffix;
    private final long seed = Long.getLong("upkeep.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void endsEachCommandOnceAndLeavesNothingBehind() throws Exception {
        prepare();
        Instant began = Instant.now();
        List<String> ids = new ArrayList<>();
        long most = 0;
        int inStartUp = 0;
        try (OtherExecutor executor =
                new OtherExecutor(whole, "kill-" + suffix, folder, 10, List.of(), configuration())) {
            executor.start(server, file);
            executor.kill();
            for (int i = 0; i < KILLS; i++) {
                write();
                executor.launch();
                if (random.nextInt(4) == 0) {
                    inStartUp++;
                    pause(random.nextInt(2_000));
                } else {
                    executor.process().awaitReady(WholeSystem.PATIENCE, executor::isReady);
                    ids.addAll(order());
                    pause(random.nextInt(3_000));
                }
                most = Math.max(most, executor.residentMegabytes());
                executor.kill();
            }
            executor.start(server, file);
            ids.add(order(server, TASKS.get(0)));
            ids.add(order(file, TASKS.get(0)));
            await().atMost(WholeSystem.PATIENCE.plusSeconds(KILLS * 2L))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> bus.resultsByRun().keySet().containsAll(ids));
            most = Math.max(most, executor.residentMegabytes());
        }

        Map<String, List<Result>> results = bus.resultsByRun();
        Map<Outcome, Long> outcomes = ids.stream()
                .map(id -> results.get(id).get(0).outcome())
                .collect(Collectors.groupingBy(outcome -> outcome, TreeMap::new, Collectors.counting()));
        int restarted = ids.stream()
                .mapToInt(id -> results.get(id).get(0).attempts() > 1 ? 1 : 0)
                .sum();
        System.out.printf(
                Locale.ROOT,
                "kill loop: seed %d, %d kills (%d of them in start-up), %d commands %s, %d begun more than once, %d s,"
                        + " at most %d MB resident, journal %d kB%n",
                seed,
                KILLS,
                inStartUp,
                ids.size(),
                outcomes,
                restarted,
                Duration.between(began, Instant.now()).toSeconds(),
                most,
                Files.size(folder.resolve("data/journal.db")) / 1_024);
        assertThat(ids)
                .allSatisfy(id -> assertThat(new HashSet<>(results.get(id)))
                        .as("different results of %s (seed %d)", id, seed)
                        .hasSize(1));
        assertThat(ids)
                .allSatisfy(id -> assertThat(results.get(id).get(0).outcome())
                        .as("%s (seed %d)", results.get(id).get(0), seed)
                        .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO));
        assertRight();
    }

    private void pause(int millis) {
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }

    private String configuration() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), postgres.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        return """
                databases:
                  %s: {engine: postgresql, host: 127.0.0.1, port: %d, user: %s, password-file: "%s"}
                  %s: {engine: sqlite, file: "%s"}
                guardrails: {tables: [events], least-keep: 7d}
                backup: {directory: "%s", least-free: 1M}
                purge: {directory: "%s", max-share: 1.0}
                """.formatted(
                        server,
                        postgres.port(),
                        postgres.user(),
                        password,
                        file,
                        folder.resolve("killed.db"),
                        folder.resolve("backups"),
                        folder.resolve("archives"));
    }

    private Connection sqlite() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("killed.db") + "?busy_timeout=30000");
    }

    private void prepare() throws SQLException {
        postgres.createDatabase(server);
        postgres.execute(
                server,
                "CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz NOT NULL, body text)",
                "CREATE INDEX ON events (at)",
                "INSERT INTO events (at, body) SELECT now(), repeat(md5(g::text), 8) FROM generate_series(1, 20000) g");
        try (Connection connection = sqlite();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT NOT NULL, body TEXT)");
            statement.execute("CREATE INDEX at ON events (at)");
            insert(statement, 20_000, "now");
        }
    }

    private static void insert(Statement statement, int rows, String at) throws SQLException {
        statement.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                + ") INSERT INTO events (at, body) SELECT strftime('%Y-%m-%dT%H:%M:%SZ', '" + at
                + "'), hex(randomblob(100)) FROM n");
    }

    /** What the application writes meanwhile. */
    private void write() throws SQLException {
        postgres.execute(
                server,
                "INSERT INTO events (at) SELECT now() - interval '30 days' FROM generate_series(1, " + OLD_ROWS + ")",
                "INSERT INTO events (at) SELECT now() FROM generate_series(1, " + YOUNG_ROWS + ")");
        try (Connection connection = sqlite();
                Statement statement = connection.createStatement()) {
            insert(statement, OLD_ROWS, "now', '-30 days");
            insert(statement, YOUNG_ROWS, "now");
        }
    }

    private List<String> order() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(order(server, TASKS.get(random.nextInt(3))));
            ids.add(order(file, TASKS.get(random.nextInt(4))));
        }
        return ids;
    }

    private String order(String database, String task) throws Exception {
        String id = "kill-" + UUID.randomUUID();
        String format = database.equals(file) ? ", \"format\": \"iso-text\"" : "";
        bus.publish("""
                {"id": "%s", "select": {"databases": ["%s"]}, "startWithin": "4h", "tasks": [%s]}""".formatted(id, database, task.contains("%s") ? task.formatted(format) : task));
        return id;
    }

    private void assertRight() throws Exception {
        int young = 20_000 + KILLS * YOUNG_ROWS;
        try (Connection connection = postgres.connect(server)) {
            assertThat(count(connection, "SELECT count(*) FROM events WHERE at < now() - interval '7 days'"))
                    .isZero();
            assertThat(count(connection, "SELECT count(*) FROM events")).isEqualTo(young);
            assertThat(count(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .as("advisory locks")
                    .isZero();
            assertThat(count(
                            connection,
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'upkeep %' AND datname = '"
                                    + server + "'"))
                    .as("sessions")
                    .isZero();
        }
        try (Connection connection = sqlite()) {
            assertThat(count(connection, "SELECT count(*) FROM events WHERE at < strftime('%Y', 'now', '-7 days')"))
                    .isZero();
            assertThat(count(connection, "SELECT count(*) FROM events")).isEqualTo(young);
            assertThat(text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
        }
        Set<String> left = new HashSet<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.map(path -> folder.relativize(path).toString())
                    .filter(name ->
                            name.contains(".partial") || name.endsWith(".upkeep-lock") || name.contains("set-aside"))
                    .forEach(left::add);
        } catch (UncheckedIOException e) {
            throw new AssertionError("a file vanished although nobody works there any more", e);
        }
        assertThat(left).as("files left behind").isEmpty();
        try (Connection journal = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/journal.db"))) {
            assertThat(count(journal, "SELECT count(*) FROM command WHERE state <> 'ended'"))
                    .isZero();
            assertThat(count(journal, "SELECT count(*) FROM outbox WHERE sent_at IS NULL"))
                    .isZero();
        }
    }

    private static long count(Connection connection, String query) throws SQLException {
        return Long.parseLong(text(connection, query));
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
