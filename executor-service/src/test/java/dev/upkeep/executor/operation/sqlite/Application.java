package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The application that a SQLite file belongs to: its own connection, with waits of 5 s as is common. */
public final class Application implements AutoCloseable {
    /** When the tests' commands are. */
    public static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

    private final Connection connection;
    private final Path file;

    public Application(Path file) throws SQLException, IOException {
        this.file = file;
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        this.connection = database(file).connect();
        run("PRAGMA busy_timeout = 5000");
    }

    /** Runs statements one after another. */
    public Application run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
        return this;
    }

    /** Fills {@code t(id, at, text)} with rows of about 100 bytes, one a minute up to {@link #NOW}. */
    public Application fill(String table, int rows) throws SQLException {
        return run(
                "CREATE TABLE IF NOT EXISTS " + table + " (id INTEGER PRIMARY KEY, at TEXT, text TEXT)",
                "CREATE INDEX IF NOT EXISTS " + table + "_at ON " + table + " (at)",
                "INSERT INTO " + table + " (at, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                        + " WHERE i < " + rows + ") SELECT strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-21 02:00:00',"
                        + " '-' || (" + rows + " - i) || ' minutes'), hex(randomblob(40)) FROM n");
    }

    /** A number. */
    public long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** A text. */
    public String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** The connection. */
    public Connection connection() {
        return connection;
    }

    /** The file as the executor knows it. */
    public SqliteDatabase database() {
        return database(file);
    }

    /** A file as the executor knows it. */
    public static SqliteDatabase database(Path file) {
        return new SqliteDatabase(new DatabaseId("queue"), Map.of(), file);
    }

    /** An order. */
    public static <T extends Task> Order<T> order(T task) {
        return order(task, false);
    }

    /** An order that changes nothing. */
    public static <T extends Task> Order<T> dryRun(T task) {
        return order(task, true);
    }

    private static <T extends Task> Order<T> order(T task, boolean dryRun) {
        CommandId command = new CommandId("nightly/queue@2026-11-21T02:00Z");
        return new Order<>(command, task, NOW, dryRun, Optional.empty());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
