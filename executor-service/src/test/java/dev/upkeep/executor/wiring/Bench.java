package dev.upkeep.executor.wiring;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.LoadGovernor;
import dev.upkeep.executor.governor.PressureLimits;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.journal.Arrival;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.journal.JournalFolder;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.Limits;
import dev.upkeep.executor.run.RetryPolicy;
import dev.upkeep.executor.run.RunSettings;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** An executor on the test bench: two SQLite files, scripted operations, a bus of its own; can be stopped and started again. */
final class Bench implements AutoCloseable {
    final Scripted<Analyze, SqliteDatabase> analyze = new Scripted<>(Analyze.class, SqliteDatabase.class);
    final Scripted<Vacuum, SqliteDatabase> vacuum = new Scripted<>(Vacuum.class, SqliteDatabase.class);
    final Scripted<HealthCheck, SqliteDatabase> health = new Scripted<>(HealthCheck.class, SqliteDatabase.class);
    final Scripted<Purge, SqliteDatabase> purge = new Scripted<>(Purge.class, SqliteDatabase.class);
    final Scripted<Restore, SqliteDatabase> restore = new Scripted<>(Restore.class, SqliteDatabase.class);
    final Bus bus;
    final ExecutorId executor = new ExecutorId(TestServers.unique("host"));
    final DatabaseId one = new DatabaseId("one");
    final DatabaseId two = new DatabaseId("two");
    private final Path folder;
    private Clock clock = Clock.systemUTC();
    private Guardrails guardrails;
    private Optional<Verifier> verifier = Optional.empty();
    private Optional<ExecutorCore> core = Optional.empty();
    private RunSettings run = new RunSettings(
            new Limits(2, 4, 100, Duration.ofSeconds(5)),
            new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(50)));

    Bench(Path folder) {
        this(folder, Bus.create());
    }

    Bench(Path folder, Bus bus) {
        this.folder = folder;
        this.bus = bus;
        this.guardrails = guardrails(new Rules(
                Optional.empty(), List.of(), Optional.of(List.of(new Glob("*"))), Optional.of(Duration.ofHours(1))));
        database("one");
        database("two");
    }

    private void database(String name) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file(name));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, at TEXT)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Path file(String name) {
        return folder.resolve(name + ".db");
    }

    Path data() {
        return folder.resolve("data");
    }

    Guardrails guardrails(Rules rules) {
        return new Guardrails(rules, Map.of(), folder.resolve("STOP"), false);
    }

    Bench with(Guardrails given) {
        guardrails = given;
        return this;
    }

    Bench with(Verifier given) {
        verifier = Optional.of(given);
        return this;
    }

    Bench with(Clock given) {
        clock = given;
        return this;
    }

    Bench with(RunSettings given) {
        run = given;
        return this;
    }

    /** Starts the executor, and waits until it takes commands. */
    Bench start() {
        launch();
        Awaitility.await("the executor is ready")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> core().problems().isEmpty());
        return this;
    }

    Bench launch() {
        List<Database> databases = List.of(
                new SqliteDatabase(one, Map.of("env", "test"), file("one")),
                new SqliteDatabase(two, Map.of(), file("two")));
        Host host = new Host(
                executor,
                clock,
                new Databases(databases),
                new Catalogue(List.of(analyze, vacuum, health, purge, restore), List.of()),
                new LoadGovernor(new PressureLimits(3, Duration.ofSeconds(10), 50, Long.MAX_VALUE, 0)),
                new Fences(executor));
        ExecutorSettings settings = new ExecutorSettings(
                executor,
                "test",
                data(),
                bus.kafka(),
                new ExecutorSettings.Times(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofDays(30)),
                run);
        ExecutorCore made = new ExecutorCore(settings, host, guardrails, verifier, List.of(), () -> {});
        made.start();
        core = Optional.of(made);
        return this;
    }

    ExecutorCore core() {
        return core.orElseThrow();
    }

    void stop() {
        core.ifPresent(ExecutorCore::close);
        core = Optional.empty();
    }

    /** A command for database one, valid for an hour. */
    Command command(String name, Task... tasks) {
        return command(name, one, tasks);
    }

    Command command(String name, DatabaseId database, Task... tasks) {
        Instant now = clock.instant();
        return command(
                name,
                database,
                new Validity(now.minusSeconds(60), now.plusSeconds(1_800), now.plusSeconds(3_600)),
                Arrays.stream(tasks).map(Step::of).toArray(Step[]::new));
    }

    Command command(String name, DatabaseId database, Validity validity, Step... steps) {
        Instant now = clock.instant();
        RunId run = RunId.ofRequest(name);
        return new Command(
                CommandId.of(run, database),
                run,
                new Origin(Origin.Kind.REQUEST, name, Optional.of("a test"), Optional.empty()),
                database,
                executor,
                now,
                now,
                validity,
                false,
                Optional.empty(),
                List.of(steps));
    }

    /** What an executor that died, or was stopped, left in its journal. */
    Bench leave(Command command, Consumer<Journal> after) {
        try (JournalFolder left = JournalFolder.open(data(), executor, clock)) {
            byte[] body = bus.record(command).value();
            left.journal()
                    .receive(List.of(new Arrival.Ordered(
                            command.id(),
                            body,
                            Sha256.hex(body),
                            Optional.empty(),
                            Optional.empty(),
                            bus.record(command))));
            after.accept(left.journal());
        }
        return this;
    }

    /** A restore into a new file: the one kind of task that must not be repeated blindly. */
    static Restore restore() {
        return new Restore(Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());
    }

    static Analyze analyze() {
        return new Analyze(List.of(), false);
    }

    @Override
    public void close() {
        stop();
        bus.close();
    }
}
