package dev.upkeep.executor.operation.files;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An executor's process that purges files once, for tests that let it die: folder, database, time. */
final class PurgeFilesMain {
    private PurgeFilesMain() {}

    public static void main(String[] arguments) throws Exception {
        purge(Path.of(arguments[0]), Application.database(Path.of(arguments[1])), Instant.parse(arguments[2]));
    }

    static Done purge(Path root, SqliteDatabase database, Instant asOf) throws Exception {
        PurgeFiles task = new PurgeFiles(
                "payloads", Duration.ofDays(90), Optional.of(Duration.ofMillis(1)), Optional.empty(), Optional.of(0.9));
        Order<PurgeFiles> order = Application.order(task);
        return new SqlitePurgeFiles(stores(root))
                .perform(
                        new Order<>(order.command(), task, asOf, false, Optional.empty()), database, new CalmAttempt());
    }

    static PayloadStores stores(Path root) {
        return new PayloadStores(Map.of(
                "payloads",
                new PayloadStore(
                        new DatabaseId("queue"),
                        root,
                        TableName.parse("artifacts"),
                        ColumnName.parse("path"),
                        PayloadStore.Form.RELATIVE,
                        Duration.ofDays(1))));
    }

    /** Starts it in a JVM of its own that halts at this place. */
    static Process start(String place, Path root, Path database, Instant asOf) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dfault.at=" + place,
                        "-cp",
                        System.getProperty("java.class.path"),
                        PurgeFilesMain.class.getName(),
                        root.toString(),
                        database.toString(),
                        asOf.toString()))
                .inheritIO()
                .start();
    }
}
