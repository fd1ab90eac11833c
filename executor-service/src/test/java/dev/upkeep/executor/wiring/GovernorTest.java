package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.LoadGovernor;
import dev.upkeep.executor.governor.PressureLimits;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.RetryPolicy;
import dev.upkeep.executor.shell.Shell;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Scratch;
import dev.upkeep.local.server.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task pauses under real load on real databases, says why, and goes on when the load is gone. The task is run from the shell,
 * which prints the progress that a service publishes.
 */
class GovernorTest {
    private static final PressureLimits CALM =
            new PressureLimits(1_000, Duration.ofHours(1), 100_000, Long.MAX_VALUE, 0);

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static PostgresDatabase database(LocalPostgres server) {
        return database(server.address(), "postgres");
    }

    private static PostgresDatabase database(dev.upkeep.local.server.PostgresAddress server, String name) {
        return new PostgresDatabase(
                new DatabaseId("db"),
                Map.of(),
                new PostgresAddress(server.host(), server.port(), name),
                server.user(),
                () -> Optional.of(server.password()),
                Map.of());
    }

    private <D extends Database> int run(Class<D> engine, Database database, PressureLimits limits, String task) {
        ExecutorId executor = new ExecutorId("governed");
        Scripted<Analyze, D> analyze = new Scripted<>(Analyze.class, engine);
        analyze.does((order, on, attempt) -> {
            attempt.yieldToApplication(Duration.ZERO, Duration.ZERO);
            return Scripted.done();
        });
        Host host = new Host(
                executor,
                Clock.systemUTC(),
                new Databases(List.of(database)),
                new Catalogue(List.of(analyze, new Scripted<>(HealthCheck.class, engine)), List.of()),
                new LoadGovernor(limits),
                new Fences(executor));
        Shell shell = new Shell(
                host,
                new Guardrails(Rules.none(), Map.of(), folder.resolve("STOP"), false),
                new RetryPolicy(2, Duration.ofMillis(10), Duration.ofMillis(10)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return shell.run(List.of(task, "--database", "db"));
    }

    /** What takes the load away. */
    private interface Relief {
        void come() throws Exception;
    }

    private <D extends Database> void pauses(
            Class<D> engine, Database database, PressureLimits limits, String why, Relief relief) throws Exception {
        CompletableFuture<Integer> task = CompletableFuture.supplyAsync(() -> run(engine, database, limits, "analyze"));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> told().contains("throttled") || task.isDone());
        assertThat(told()).containsPattern("analyze: throttled: .*" + why);
        assertThat(task).isNotDone();

        relief.come();

        assertThat(task.get(60, TimeUnit.SECONDS)).as(told()).isZero();
        assertThat(told()).containsPattern("analyze: throttled: goes on after a pause of \\d+ s \\(.*" + why);
    }

    private String told() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void pausesWhileSessionsWaitForLocks() throws Exception {
        String name = TestServers.newDatabase("governed");
        dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();
        server.execute(name, "CREATE TABLE t (a int)");
        try (Connection holder = server.connect(name);
                Connection waiter = server.connect(name)) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE t");
            CompletableFuture<Void> waits = CompletableFuture.runAsync(() -> lock(waiter));

            pauses(
                    PostgresDatabase.class,
                    database(server, name),
                    new PressureLimits(1, Duration.ofHours(1), 100_000, Long.MAX_VALUE, 0),
                    "1 sessions wait for locks",
                    holder::rollback);

            waits.get(30, TimeUnit.SECONDS);
        }
    }

    private static void lock(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("LOCK TABLE t");
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void pausesForReplicasAndForTheArchiveAndChangesNothingOnAStandby() throws Exception {
        Path first = folder.resolve("primary");
        Path second = folder.resolve("standby");
        try (LocalPostgres empty =
                LocalPostgres.in(first).setting("fsync", "off").start()) {
            empty.stop(LocalPostgres.Stop.FAST);
        }
        copy(first, second);
        Files.createFile(second.resolve("data/standby.signal"));
        try (LocalPostgres primary = LocalPostgres.in(first)
                        .setting("fsync", "off")
                        .setting("archive_mode", "on")
                        .start();
                LocalPostgres standby = LocalPostgres.in(second)
                        .setting("fsync", "off")
                        .setting("primary_conninfo", conninfo(primary.address()))
                        .start()) {
            archive(primary, "false");
            primary.address().execute("postgres", "CREATE TABLE t (a int)", "SELECT pg_switch_wal()");

            pauses(
                    PostgresDatabase.class,
                    database(primary),
                    new PressureLimits(1_000, Duration.ofHours(1), 0, Long.MAX_VALUE, 0),
                    "WAL files wait to be archived",
                    () -> archive(primary, "true"));

            pausesForAReplica(primary, standby);

            assertThat(run(PostgresDatabase.class, database(standby), CALM, "analyze"))
                    .isEqualTo(2);
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("db: rejected", "is on a standby");
            assertThat(run(PostgresDatabase.class, database(standby), CALM, "health-check"))
                    .isZero();
        }
    }

    private static String conninfo(dev.upkeep.local.server.PostgresAddress server) {
        return "host=" + server.host() + " port=" + server.port() + " user=" + server.user() + " password="
                + server.password();
    }

    private static void archive(LocalPostgres server, String command) throws SQLException {
        server.address()
                .execute("postgres", "ALTER SYSTEM SET archive_command = '" + command + "'", "SELECT pg_reload_conf()");
    }

    private static boolean lagsBehind(LocalPostgres primary) throws SQLException {
        try (Connection connection = primary.address().connect("postgres");
                ResultSet row = connection
                        .createStatement()
                        .executeQuery(
                                "SELECT coalesce(max(replay_lag) > interval '2 s', false) FROM pg_stat_replication")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private void pausesForAReplica(LocalPostgres primary, LocalPostgres standby) throws Exception {
        err.reset();
        standby.address().execute("postgres", "SELECT pg_wal_replay_pause()");
        CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    primary.address().execute("postgres", "INSERT INTO t VALUES (1)");
                    return told().contains("throttled");
                }));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> lagsBehind(primary));

        pauses(
                PostgresDatabase.class,
                database(primary),
                new PressureLimits(1_000, Duration.ofSeconds(1), 100_000, Long.MAX_VALUE, 0),
                "a replica is \\d+ s behind",
                () -> standby.address().execute("postgres", "SELECT pg_wal_replay_resume()"));

        traffic.get(30, TimeUnit.SECONDS);
    }

    private Path sqlite(Path where) throws SQLException {
        Path file = where.resolve("a.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("CREATE TABLE t (a)");
        }
        return file;
    }

    @Test
    void pausesWhileTheWriteAheadLogIsTooLarge() throws Exception {
        Path file = sqlite(folder);
        try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = writer.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            statement.execute("INSERT INTO t VALUES (randomblob(2000000))");

            pauses(
                    SqliteDatabase.class,
                    new SqliteDatabase(new DatabaseId("db"), Map.of(), file),
                    new PressureLimits(1, Duration.ofSeconds(1), 1, 1_000_000, 0),
                    "the write-ahead log has \\d+ bytes",
                    () -> statement.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
        }
    }

    @Test
    void pausesWhileTheDiskIsNearlyFull() throws Exception {
        Path shared = Path.of("/dev/shm");
        Path place = Files.createTempDirectory(Files.isWritable(shared) ? shared : folder, "upkeep-governor-");
        try {
            Path file = sqlite(place);
            Path filler = Files.write(place.resolve("filler"), new byte[16 << 20]);
            long floor = Files.getFileStore(file).getUsableSpace() + (8 << 20);

            pauses(
                    SqliteDatabase.class,
                    new SqliteDatabase(new DatabaseId("db"), Map.of(), file),
                    new PressureLimits(1, Duration.ofSeconds(1), 1, Long.MAX_VALUE, floor),
                    "bytes are free on the disk",
                    () -> Files.delete(filler));
        } finally {
            Scratch.delete(place);
        }
    }
}
