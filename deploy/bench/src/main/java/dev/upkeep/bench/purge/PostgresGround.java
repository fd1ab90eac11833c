package dev.upkeep.bench.purge;

import dev.upkeep.bench.load.EventTraffic;
import dev.upkeep.bench.load.Foreground;
import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.common.task.Purge;
import dev.upkeep.local.server.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A PostgreSQL of its own: writes with fsync, without autovacuum and without a checkpoint during a run, so that each contender meets the
 * same. The contenders' role differs from the application's, so that the WAL of each can be told apart.
 */
final class PostgresGround implements Ground {
    private static final String PURGER = "bench_purger";
    private static final String PASSWORD = "bench";
    static final int SESSIONS = 4;

    private final Path folder;
    private final LocalPostgres server;
    private final Duration period;
    private final boolean seesWal;
    private Scenario scenario = Scenario.PLAIN;
    private int rows;

    PostgresGround(Path folder, Duration period) throws SQLException, IOException {
        this.folder = Files.createDirectories(folder);
        this.period = period;
        LocalPostgres started = null;
        boolean sees = true;
        try {
            started = start("pg_stat_statements");
        } catch (RuntimeException e) {
            sees = false; // binaries without the extension
            started = start("");
        }
        server = started;
        seesWal = sees;
        server.address()
                .execute("postgres", "CREATE ROLE " + PURGER + " LOGIN PASSWORD '" + PASSWORD + "' IN ROLE pg_monitor");
    }

    private LocalPostgres start(String libraries) {
        return LocalPostgres.in(folder)
                .setting("shared_preload_libraries", libraries)
                .setting("shared_buffers", "1GB")
                .setting("max_wal_size", "16GB")
                .setting("checkpoint_timeout", "1h")
                .setting("autovacuum", "off")
                .start();
    }

    @Override
    public String title() throws SQLException {
        try (Connection connection = server.address().connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_version")) {
            row.next();
            return "PostgreSQL " + row.getString(1).replaceFirst(" .*", "");
        }
    }

    @Override
    public void prepare(Scenario wanted, int total) throws SQLException {
        scenario = wanted;
        rows = total;
        server.address().execute("postgres", "DROP DATABASE IF EXISTS base");
        server.address().createDatabase("base");
        try (Connection connection = server.address().connect("base");
                Statement statement = connection.createStatement()) {
            for (String sql : wanted == Scenario.CHILDREN ? family(total) : single(total)) {
                statement.execute(sql);
            }
            statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + PURGER);
            statement.execute("GRANT TEMPORARY ON DATABASE base TO " + PURGER);
            if (seesWal) {
                statement.execute("CREATE EXTENSION pg_stat_statements");
            }
            statement.execute("VACUUM (FREEZE, ANALYZE)");
        }
    }

    /** Times spread over a year, the middle of which is the cutoff; none within an hour of it. */
    private static String time(String number, int count) {
        int half = count / 2;
        return "timestamptz '" + CUTOFF + "' + (" + number + " - " + half + ") * interval '1 year' / " + count
                + " + CASE WHEN " + number + " > " + half + " THEN interval '1 hour' ELSE interval '-1 hour' END";
    }

    private static List<String> single(int total) {
        return List.of(
                "CREATE TABLE events (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, level int NOT NULL,"
                        + " payload text NOT NULL)",
                "INSERT INTO events SELECT i, " + time("i", total)
                        + ", i % 5, md5(i::text) || repeat('0123456789abcdef', 8) FROM generate_series(1, " + total
                        + ") i",
                "CREATE INDEX ON events (created_at)",
                "CREATE SEQUENCE events_id START " + (total + 1),
                "GRANT USAGE ON SEQUENCE events_id TO " + PURGER);
    }

    /** One run has 3 steps, each step 3 items, each item 3 notes: 40 rows. */
    private static List<String> family(int total) {
        int runs = total / 40;
        return List.of(
                "CREATE TABLE events (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, level int NOT NULL,"
                        + " payload text NOT NULL)",
                "CREATE TABLE steps (id bigint PRIMARY KEY, event_id bigint NOT NULL REFERENCES events, payload text)",
                "CREATE TABLE items (id bigint PRIMARY KEY, step_id bigint NOT NULL REFERENCES steps, payload text)",
                "CREATE TABLE notes (id bigint PRIMARY KEY, item_id bigint NOT NULL REFERENCES items, payload text)",
                "INSERT INTO events SELECT i, " + time("i", runs) + ", i % 5, md5(i::text) FROM generate_series(1, "
                        + runs + ") i",
                "INSERT INTO steps SELECT i, (i + 2) / 3, md5(i::text) FROM generate_series(1, " + runs * 3 + ") i",
                "INSERT INTO items SELECT i, (i + 2) / 3, md5(i::text) FROM generate_series(1, " + runs * 9 + ") i",
                "INSERT INTO notes SELECT i, (i + 2) / 3, md5(i::text) FROM generate_series(1, " + runs * 27 + ") i",
                "CREATE INDEX ON events (created_at)",
                "CREATE INDEX ON steps (event_id)",
                "CREATE INDEX ON items (step_id)",
                "CREATE INDEX ON notes (item_id)",
                "CREATE SEQUENCE events_id START " + (runs + 1));
    }

    @Override
    public void refresh() throws SQLException {
        server.address()
                .execute(
                        "postgres",
                        "DROP DATABASE IF EXISTS stage WITH (FORCE)",
                        "CREATE DATABASE stage TEMPLATE base",
                        "CHECKPOINT");
        try (Connection connection = server.address().connect("stage");
                Statement statement = connection.createStatement()) {
            // into memory, as a table is that an application works on
            statement.execute("SELECT count(payload) FROM events");
            if (scenario == Scenario.CHILDREN) {
                statement.execute("SELECT count(payload) FROM steps");
                statement.execute("SELECT count(payload) FROM items");
                statement.execute("SELECT count(payload) FROM notes");
            }
            if (seesWal) {
                statement.execute("SELECT pg_stat_statements_reset()");
            }
        }
    }

    @Override
    public Connection script() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", PURGER);
        properties.setProperty("password", PASSWORD);
        Connection connection = new Driver().connect(server.address().jdbcUrl("stage"), properties);
        if (connection == null) {
            throw new IllegalStateException("no driver");
        }
        return connection;
    }

    @Override
    public Connection snapshot() throws SQLException {
        Connection connection = server.address().connect("stage");
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM events LIMIT 1");
        }
        return connection;
    }

    @Override
    public Foreground application() throws SQLException {
        int young = scenario == Scenario.CHILDREN ? rows / 40 : rows;
        return new Foreground(
                SESSIONS,
                period,
                () -> server.address().connect("stage"),
                EventTraffic.onPostgres(young / 2 + 2, young / 2 - 2));
    }

    @Override
    public List<Script> scripts(Scenario wanted) {
        String old = "created_at < '" + CUTOFF + "'";
        if (wanted == Scenario.CHILDREN) {
            String some = "SELECT id FROM events WHERE " + old;
            String batch = some + " ORDER BY created_at LIMIT 500";
            return List.of(
                    Script.once("four DELETEs, leaves first", leavesFirst(some)),
                    Script.loop("the same in batches of 500 roots", leavesFirst(batch)));
        }
        return List.of(
                Script.once("one DELETE", "DELETE FROM events WHERE " + old),
                Script.loop(
                        "ctid loop of 10,000",
                        "DELETE FROM events WHERE ctid = ANY(ARRAY(SELECT ctid FROM events WHERE " + old
                                + " LIMIT 10000))"));
    }

    static String[] leavesFirst(String roots) {
        String steps = "SELECT id FROM steps WHERE event_id IN (" + roots + ")";
        String items = "SELECT id FROM items WHERE step_id IN (" + steps + ")";
        return new String[] {
            "DELETE FROM notes WHERE item_id IN (" + items + ")",
            "DELETE FROM items WHERE step_id IN (" + steps + ")",
            "DELETE FROM steps WHERE event_id IN (" + roots + ")",
            "DELETE FROM events WHERE id IN (" + roots + ")"
        };
    }

    @Override
    public Optional<Purge.TimeFormat> format() {
        return Optional.empty();
    }

    @Override
    public ResidentExecutor executor(List<String> jvm, String more) throws Exception {
        Path password = folder.resolve("purger");
        if (!Files.exists(password)) {
            Files.createFile(
                    password, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(password, PASSWORD);
        }
        return new ResidentExecutor(folder, """
                databases:
                  stage:
                    engine: postgresql
                    host: 127.0.0.1
                    port: %d
                    user: %s
                    password-file: "%s"
                guardrails:
                  tables: ["*"]
                %s
                """.formatted(server.address().port(), PURGER, password, more), jvm);
    }

    @Override
    public double walBytes() throws SQLException {
        return seesWal
                ? number("SELECT coalesce(sum(wal_bytes), 0) FROM pg_stat_statements WHERE userid = '" + PURGER
                        + "'::regrole")
                : Double.NaN;
    }

    @Override
    public List<String> statements(int most) throws SQLException {
        List<String> lines = new ArrayList<>();
        if (!seesWal) {
            return lines;
        }
        try (Connection connection = server.address().connect("stage");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT format('%s ms, %s calls, %s kB of WAL: %s', total_exec_time::int,"
                                + " calls, (wal_bytes / 1000)::int, left(regexp_replace(query, '\\s+', ' ', 'g'), 400))"
                                + " FROM pg_stat_statements WHERE userid = '" + PURGER
                                + "'::regrole ORDER BY total_exec_time DESC LIMIT " + most)) {
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
        }
        return lines;
    }

    @Override
    public long left() throws SQLException {
        return (long) number("SELECT count(*) FROM events WHERE created_at < '" + CUTOFF + "'");
    }

    private double number(String sql) throws SQLException {
        try (Connection connection = server.address().connect("stage");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getDouble(1);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
