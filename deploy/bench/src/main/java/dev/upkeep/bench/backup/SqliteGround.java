package dev.upkeep.bench.backup;

import dev.upkeep.bench.load.EventTraffic;
import dev.upkeep.bench.load.Foreground;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.sqlite.JDBC;

/** A SQLite file in WAL mode. */
final class SqliteGround implements Ground {
    private static final int SESSIONS = 2;

    private final Path folder;
    private final Path file;
    private final Duration period;
    private final int rows;
    private final Variant variant;

    SqliteGround(Path folder, int rows, int rate, Variant variant) throws SQLException, IOException {
        this.folder = Files.createDirectories(folder);
        this.file = folder.resolve("bench.db");
        this.rows = rows;
        this.variant = variant;
        this.period = Duration.ofSeconds(SESSIONS).dividedBy(rate);
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute(
                    "CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, level INTEGER NOT NULL,"
                            + " payload TEXT NOT NULL)");
            statement.execute(
                    "INSERT INTO events WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                            + rows + ") SELECT i, 1767225600 + i, i % 5, hex(randomblob(16)) || ' ' || (i * 31) ||"
                            + " printf('%.*c', 40, char(97 + i % 26)) FROM n");
            statement.execute("CREATE INDEX events_at ON events (at)");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    private Connection open() throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("busy_timeout", "10000");
        return JDBC.createConnection("jdbc:sqlite:" + file, settings);
    }

    @Override
    public String title() {
        return "SQLite";
    }

    private Way plain(String name, String command) {
        return new Way(name, () -> Plain.run(command, Map.of("FROM", file.toString()), folder.resolve("plain.out")));
    }

    private Way ours(String name, String pace, String... parameters) {
        return new Way(
                name,
                () -> new Ours(folder, "bench:\n  engine: sqlite\n  file: \"" + file + "\"\n", variant.jvm())
                        .run(variant.settings(pace), List.of(parameters)));
    }

    @Override
    public List<List<Way>> ways() {
        return List.of(
                List.of(
                        plain("sqlite3 .backup", "sqlite3 \"$FROM\" \".backup '$TO'\""),
                        plain("cp (of no use while in use)", "cp \"$FROM\" \"$TO\""),
                        ours("Upkeep online, uncompressed, fast", "fast", "method=online", "compression=none"),
                        ours("Upkeep online, uncompressed, gentle", "gentle", "method=online", "compression=none")),
                List.of(
                        plain(
                                "sqlite3 .backup, then zstd -1",
                                "sqlite3 \"$FROM\" \".backup '$TO.db'\"; zstd -1 -q --rm \"$TO.db\" -o \"$TO\""),
                        ours("Upkeep online, zstd, fast", "fast", "method=online"),
                        ours("Upkeep online, zstd, gentle", "gentle", "method=online")));
    }

    @Override
    public Foreground application() throws SQLException {
        return new Foreground(
                SESSIONS,
                period,
                this::open,
                EventTraffic.onSqlite(1, rows, "INSERT INTO events (at, level, payload) VALUES (?, 1, 'new')"));
    }

    @Override
    public void close() {
        // the file goes with its folder
    }
}
