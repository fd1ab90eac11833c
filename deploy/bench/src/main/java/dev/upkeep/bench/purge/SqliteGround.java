package dev.upkeep.bench.purge;

import dev.upkeep.bench.load.EventTraffic;
import dev.upkeep.bench.load.Foreground;
import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.common.task.Purge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.sqlite.JDBC;

/** A SQLite file in WAL mode with SQLite's own durability (synchronous = FULL), shared by the application and one contender. */
final class SqliteGround implements Ground {
    static final int SESSIONS = 2;

    private final Path base;
    private final Path stage;
    private final Path folder;
    private final Duration period;
    private Scenario scenario = Scenario.PLAIN;
    private int rows;

    SqliteGround(Path folder, Duration period) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.period = period;
        base = folder.resolve("base.db");
        stage = folder.resolve("stage.db");
    }

    @Override
    public String title() throws SQLException {
        try (Connection connection = open(base, true);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sqlite_version()")) {
            return "SQLite " + row.getString(1);
        }
    }

    @Override
    public void prepare(Scenario wanted, int total) throws SQLException, IOException {
        scenario = wanted;
        rows = total;
        remove(base);
        try (Connection connection = open(base, true);
                Statement statement = connection.createStatement()) {
            for (String sql : wanted == Scenario.CHILDREN ? family(total) : single(total)) {
                statement.execute(sql);
            }
            statement.execute("ANALYZE");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /** Seconds spread over a year, the middle of which is the cutoff; none within an hour of it. */
    private static String time(int count) {
        int half = count / 2;
        return CUTOFF.getEpochSecond() + " + (i - " + half + ") * 31536000 / " + count + " + CASE WHEN i > " + half
                + " THEN 3600 ELSE -3600 END";
    }

    private static String numbers(int count) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + count + ") ";
    }

    private static List<String> single(int total) {
        return List.of(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, created_at INTEGER NOT NULL, level INTEGER NOT NULL,"
                        + " payload TEXT NOT NULL)",
                numbers(total) + "INSERT INTO events SELECT i, " + time(total) + ", i % 5, hex(i * 7919) || '"
                        + "0123456789abcdef".repeat(10) + "' FROM n",
                "CREATE INDEX events_created_at ON events (created_at)");
    }

    /** One root has 3 steps, each step 3 items, each item 3 notes: 40 rows. */
    private static List<String> family(int total) {
        int roots = total / 40;
        String payload = ", hex(i * 7919) || '0123456789abcdef' FROM n";
        return List.of(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, created_at INTEGER NOT NULL, level INTEGER NOT NULL,"
                        + " payload TEXT NOT NULL)",
                "CREATE TABLE steps (id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES events, payload TEXT)",
                "CREATE TABLE items (id INTEGER PRIMARY KEY, step_id INTEGER NOT NULL REFERENCES steps, payload TEXT)",
                "CREATE TABLE notes (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES items, payload TEXT)",
                numbers(roots) + "INSERT INTO events SELECT i, " + time(roots) + ", i % 5" + payload,
                numbers(roots * 3) + "INSERT INTO steps SELECT i, (i + 2) / 3" + payload,
                numbers(roots * 9) + "INSERT INTO items SELECT i, (i + 2) / 3" + payload,
                numbers(roots * 27) + "INSERT INTO notes SELECT i, (i + 2) / 3" + payload,
                "CREATE INDEX events_created_at ON events (created_at)",
                "CREATE INDEX steps_event ON steps (event_id)",
                "CREATE INDEX items_step ON items (step_id)",
                "CREATE INDEX notes_item ON notes (item_id)");
    }

    @Override
    public void refresh() throws IOException {
        remove(stage);
        Files.copy(base, stage, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void remove(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(Path.of(file + suffix));
        }
    }

    private static Connection open(Path file, boolean isMaker) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", "30000");
        properties.setProperty("foreign_keys", isMaker ? "false" : "true");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
        }
        return connection;
    }

    @Override
    public Connection script() throws SQLException {
        return open(stage, false);
    }

    @Override
    public Connection snapshot() throws SQLException {
        Connection connection = JDBC.createConnection("jdbc:sqlite:" + stage, new Properties());
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM events LIMIT 1")) {
            row.next();
        }
        return connection;
    }

    @Override
    public Foreground application() throws SQLException {
        int young = scenario == Scenario.CHILDREN ? rows / 40 : rows;
        return new Foreground(
                SESSIONS,
                period,
                () -> open(stage, false),
                EventTraffic.onSqlite(
                        young / 2 + 2,
                        young / 2 - 2,
                        "INSERT INTO events (created_at, level, payload) VALUES (unixepoch(), ?, 'x')"));
    }

    @Override
    public List<Script> scripts(Scenario wanted) {
        String old = "created_at < " + CUTOFF.getEpochSecond();
        if (wanted == Scenario.CHILDREN) {
            String some = "SELECT id FROM events WHERE " + old;
            String batch = some + " ORDER BY created_at LIMIT 500";
            return List.of(
                    Script.once("four DELETEs, leaves first", PostgresGround.leavesFirst(some)),
                    Script.loop("the same in batches of 500 roots", PostgresGround.leavesFirst(batch)));
        }
        return List.of(
                Script.once("one DELETE", "DELETE FROM events WHERE " + old),
                Script.loop(
                        "rowid loop of 10,000",
                        "DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE " + old + " LIMIT 10000)"));
    }

    @Override
    public Optional<Purge.TimeFormat> format() {
        return Optional.of(Purge.TimeFormat.EPOCH_SECONDS);
    }

    @Override
    public ResidentExecutor executor(List<String> jvm, String more) throws Exception {
        return new ResidentExecutor(folder, """
                databases:
                  stage:
                    engine: sqlite
                    file: "%s"
                guardrails:
                  tables: ["*"]
                %s
                """.formatted(stage, more), jvm);
    }

    /** The size that the write-ahead log grew to. */
    @Override
    public double walBytes() throws IOException {
        Path wal = Path.of(stage + "-wal");
        return Files.exists(wal) ? Files.size(wal) : 0;
    }

    @Override
    public List<String> statements(int most) {
        return List.of();
    }

    @Override
    public long left() throws SQLException {
        try (Connection connection = open(stage, false);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*) FROM events WHERE created_at < " + CUTOFF.getEpochSecond())) {
            return row.getLong(1);
        }
    }

    @Override
    public void close() throws IOException {
        remove(base);
        remove(stage);
    }
}
