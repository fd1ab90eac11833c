package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.local.server.TestServers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One database of a real PostgreSQL for tests, and a short way to have operations done on it. */
public final class PostgresFixture {
    private final dev.upkeep.local.server.PostgresAddress server;
    private final String name;

    private PostgresFixture(dev.upkeep.local.server.PostgresAddress server, String name) {
        this.server = server;
        this.name = name;
    }

    /** A new, empty database of the shared server. */
    public static PostgresFixture create() {
        return new PostgresFixture(TestServers.postgres(), TestServers.newDatabase("care"));
    }

    /** An existing database of some server. */
    public static PostgresFixture on(dev.upkeep.local.server.PostgresAddress server, String name) {
        return new PostgresFixture(server, name);
    }

    /** As the executor knows it. */
    public PostgresDatabase database() {
        return database(server.user(), server.password());
    }

    /** As the executor would know it with another role. */
    public PostgresDatabase database(String user, String password) {
        return new PostgresDatabase(
                new DatabaseId(name),
                Map.of(),
                new PostgresAddress(server.host(), server.port(), name),
                user,
                () -> Optional.of(password),
                Map.of());
    }

    /** The database's name on the server. */
    public String name() {
        return name;
    }

    /** Another session, such as an application's. */
    public Connection connect() throws SQLException {
        return server.connect(name);
    }

    /** Runs statements one by one, each in a transaction of its own. */
    public void sql(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            run(connection, statements);
        }
    }

    /** Runs statements in a session. */
    public static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text. */
    public String value(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "no row";
        }
    }

    /** Does the task with nothing in its way. */
    public <T extends Task> Done perform(Operation<T, PostgresDatabase> operation, T task)
            throws SQLException, IOException {
        return operation.perform(order(task, false), database(), new FreeAttempt());
    }

    /** Does the task as this attempt allows. */
    public <T extends Task> Done perform(Operation<T, PostgresDatabase> operation, T task, Attempt attempt)
            throws SQLException, IOException {
        return operation.perform(order(task, false), database(), attempt);
    }

    /** What the task would do. */
    public <T extends Task> Done dryRun(Operation<T, PostgresDatabase> operation, T task)
            throws SQLException, IOException {
        return operation.perform(order(task, true), database(), new FreeAttempt());
    }

    /** An order for the task. */
    public static <T extends Task> Order<T> order(T task, boolean dryRun) {
        return new Order<>(new CommandId("test/care"), task, Instant.now(), dryRun, Optional.empty());
    }

    /** The findings of one check. */
    public static List<Finding> of(Done done, String check) {
        return done.findings().stream()
                .filter(finding -> finding.check().equals(check))
                .toList();
    }
}
