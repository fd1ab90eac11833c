package dev.upkeep.bench.backup;

import dev.upkeep.bench.load.EventTraffic;
import dev.upkeep.bench.load.Foreground;
import dev.upkeep.local.server.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A PostgreSQL of its own, with fsync. */
final class PostgresGround implements Ground {
    private static final int SESSIONS = 4;
    private static final String PASSWORD = "bench";

    private final Path folder;
    private final LocalPostgres server;
    private final Duration period;
    private final int rows;
    private final Variant variant;

    PostgresGround(Path folder, int rows, int rate, Variant variant) throws SQLException, IOException {
        this.folder = Files.createDirectories(folder);
        this.rows = rows;
        this.variant = variant;
        this.period = Duration.ofSeconds(SESSIONS).dividedBy(rate);
        this.server = LocalPostgres.in(folder)
                .setting("shared_buffers", "512MB")
                .setting("max_wal_size", "8GB")
                .setting("checkpoint_timeout", "1h")
                .setting("autovacuum", "off")
                .start();
        server.address()
                .execute(
                        "postgres",
                        "CREATE ROLE bench LOGIN REPLICATION PASSWORD '" + PASSWORD
                                + "' IN ROLE pg_read_all_data, pg_monitor");
        server.address().createDatabase("bench");
        try (Connection connection = server.address().connect("bench");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL, level int NOT NULL,"
                    + " payload text NOT NULL)");
            statement.execute("INSERT INTO events SELECT i, timestamptz '2026-01-01' + i * interval '1 second', i % 5,"
                    + " md5(i::text) || ' ' || md5((i / 3)::text) || repeat(chr(97 + i % 26), 40)"
                    + " FROM generate_series(1, " + rows + ") i");
            statement.execute("CREATE INDEX ON events (at)");
            statement.execute("CREATE SEQUENCE events_id START " + (rows + 1));
            statement.execute("VACUUM (FREEZE, ANALYZE)");
            statement.execute("CHECKPOINT");
        }
    }

    @Override
    public String title() {
        return "PostgreSQL";
    }

    private Map<String, String> environment() {
        return Map.of(
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                Integer.toString(server.address().port()),
                "PGUSER",
                "bench",
                "PGPASSWORD",
                PASSWORD,
                "PGDATABASE",
                "bench",
                "PATH",
                server.bin() + ":" + System.getenv("PATH"));
    }

    private Way plain(String name, String command) {
        return new Way(name, () -> Plain.run(command, environment(), folder.resolve("plain.out")));
    }

    private Way ours(String name, String pace, String... parameters) {
        return new Way(name, () -> ours().run(variant.settings(pace), List.of(parameters)));
    }

    private Ours ours() throws IOException {
        Path password = folder.resolve("bench.password");
        if (!Files.exists(password)) {
            Files.createFile(
                    password, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(password, PASSWORD);
        }
        return new Ours(folder, """
                bench:
                  engine: postgresql
                  host: 127.0.0.1
                  port: %d
                  user: bench
                  password-file: "%s"
                """.formatted(server.address().port(), password), variant.jvm());
    }

    @Override
    public List<List<Way>> ways() {
        return List.of(
                List.of(
                        plain("pg_dump -Fc -Z0, zstd -1", "pg_dump -Fc -Z0 | zstd -1 -q > \"$TO\""),
                        ours("Upkeep logical, fast", "fast", "method=logical"),
                        ours("Upkeep logical, gentle", "gentle", "method=logical"),
                        ours("Upkeep logical, " + variant.rateLimit() + "B/s", variant.atRate(), "method=logical")),
                List.of(
                        plain(
                                "pg_basebackup -Ft -X fetch, zstd -1",
                                "pg_basebackup -D - -Ft -X fetch -c fast" + " | zstd -1 -q > \"$TO\""),
                        ours("Upkeep physical, fast", "fast", "method=physical")));
    }

    @Override
    public Foreground application() throws SQLException {
        return new Foreground(
                SESSIONS, period, () -> server.address().connect("bench"), EventTraffic.onPostgres(1, rows));
    }

    @Override
    public void close() {
        server.close();
    }
}
