package dev.upkeep.executor.wiring;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.LoadGovernor;
import dev.upkeep.executor.governor.PressureLimits;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.RunSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An executor in a JVM of its own, made to die. Its analyze writes five rows, each in a transaction of its own, saving a cursor
 * after each; its vacuum writes one row each time it is done to the end.
 */
public final class CrashChild {
    static final int ROWS = 5;

    private CrashChild() {}

    /** @param arguments brokers, topic prefix, executor id, folder */
    public static void main(String... arguments) throws InterruptedException {
        ExecutorId executor = new ExecutorId(arguments[2]);
        Path folder = Path.of(arguments[3]);
        Scripted<Analyze, SqliteDatabase> analyze = new Scripted<>(Analyze.class, SqliteDatabase.class);
        Scripted<Vacuum, SqliteDatabase> vacuum = new Scripted<>(Vacuum.class, SqliteDatabase.class);
        analyze.does(CrashChild::batches);
        vacuum.does((order, database, attempt) -> {
            write(database, order.command().text(), -1);
            return Scripted.done();
        });
        Host host = new Host(
                executor,
                Clock.systemUTC(),
                new Databases(List.of(new SqliteDatabase(new DatabaseId("one"), Map.of(), folder.resolve("one.db")))),
                new Catalogue(List.of(analyze, vacuum), List.of()),
                new LoadGovernor(new PressureLimits(3, Duration.ofSeconds(10), 50, Long.MAX_VALUE, 0)),
                new Fences(executor));
        ExecutorSettings settings = new ExecutorSettings(
                executor,
                "test",
                folder.resolve("data"),
                new KafkaSettings(arguments[0], new Topics(arguments[1]), "crash", Map.of()),
                ExecutorSettings.Times.DEFAULT,
                RunSettings.DEFAULT);
        Guardrails guardrails = new Guardrails(Rules.none(), Map.of(), folder.resolve("STOP"), false);
        new ExecutorCore(settings, host, guardrails, Optional.empty(), List.of(), () -> {}).start();
        Thread.currentThread().join();
    }

    private static Done batches(Order<Analyze> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        int from = attempt.cursor().map(Integer::parseInt).orElse(0);
        for (int i = from; i < ROWS; i++) {
            write(database, order.command().text(), i);
            attempt.saveCursor(Integer.toString(i + 1));
        }
        return Scripted.done();
    }

    private static void write(SqliteDatabase database, String command, int row) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO effects (command, row) VALUES (?, ?)")) {
            insert.setString(1, command);
            insert.setInt(2, row);
            insert.executeUpdate();
        }
    }
}
