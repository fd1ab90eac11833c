package dev.upkeep.executor.operation.postgres;

import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.task.Effect;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.PostgresSetup;
import dev.upkeep.local.server.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One database of a real PostgreSQL for tests, and a short way to have operations done on it. */
public final class PostgresFixture {
    private final dev.upkeep.local.server.PostgresAddress server;
    private final String name;
    private int version;

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

    /** How a server of one's own is set up, of the version that the tests are to run on. */
    public static PostgresSetup setup(Path folder) {
        PostgresSetup setup = LocalPostgres.in(folder);
        return Optional.ofNullable(System.getProperty("upkeep.test.postgres.bin"))
                .map(bin -> setup.bin(Path.of(bin)))
                .orElse(setup);
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
        if (version() < 15) {
            awaitStatistics();
        }
    }

    /** The server's major version. */
    public int version() throws SQLException {
        if (version == 0) {
            try (Connection connection = connect()) {
                version = connection.getMetaData().getDatabaseMajorVersion();
            }
        }
        return version;
    }

    /**
     * Before version 15 statistics arrive up to half a second after the statement. Waits until the sessions before have gone, which is
     * when they tell the last of theirs, and until what this one tells is seen.
     */
    private void awaitStatistics() throws SQLException {
        try (Connection connection = connect()) {
            if (isTrue(connection, "SELECT pg_is_in_recovery()")) {
                return;
            }
            await().until(() -> isTrue(
                    connection,
                    "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                            + " AND state = 'idle' AND state_change > now() - interval '1 second'"));
            run(connection, "CREATE TEMP TABLE told (n int)", "INSERT INTO told VALUES (1)");
            await().until(() -> isTrue(connection, "SELECT pg_stat_get_tuples_inserted('told'::regclass) = 1"));
        }
    }

    private static boolean isTrue(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
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
        return perform(operation, task, CalmAttempt.inHaste());
    }

    /** Does the task as this attempt allows. */
    public <T extends Task> Done perform(Operation<T, PostgresDatabase> operation, T task, Attempt attempt)
            throws SQLException, IOException {
        Done done = operation.perform(order(task, false), database(), attempt);
        if (version() < 15 && task.effect() != Effect.READ_ONLY) {
            awaitStatistics();
        }
        return done;
    }

    /** What the task would do. */
    public <T extends Task> Done dryRun(Operation<T, PostgresDatabase> operation, T task)
            throws SQLException, IOException {
        return operation.perform(order(task, true), database(), CalmAttempt.inHaste());
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

    /** Makes the folder of a standby by copying the server's while it is down, so that no version of pg_basebackup has to fit. */
    public static void makeStandby(LocalPostgres server, Path source, Path target) throws IOException {
        server.stop(LocalPostgres.Stop.FAST);
        try (Stream<Path> all = Files.walk(source)) {
            for (Path path : all.toList()) {
                Path copy = target.resolve(source.relativize(path));
                Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
                Files.setOwner(copy, Files.getOwner(path));
            }
        }
        Path data = target.resolve("data");
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=%s port=%d user=%s password=%s'%n"
                        .formatted(
                                server.address().host(),
                                server.address().port(),
                                server.address().user(),
                                server.address().password()),
                StandardOpenOption.APPEND);
        Files.setOwner(Files.createFile(data.resolve("standby.signal")), Files.getOwner(data));
        server.start();
    }
}
