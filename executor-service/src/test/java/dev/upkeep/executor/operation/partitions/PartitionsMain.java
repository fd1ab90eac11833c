package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.purge.TestPartitionArchive;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Archives and drops partitions in a process of its own, which can be made to die. */
final class PartitionsMain {
    private PartitionsMain() {}

    public static void main(String[] arguments) throws Exception {
        perform(
                PostgresMaintainPartitionsTest.dropping(Optional.ofNullable(System.getProperty("archive"))
                        .filter(format -> !format.isEmpty())
                        .map(Purge.Archive::valueOf)),
                Path.of(arguments[0]),
                new PostgresDatabase(
                        new DatabaseId(arguments[3]),
                        Map.of(),
                        new PostgresAddress(arguments[1], Integer.parseInt(arguments[2]), arguments[3]),
                        arguments[4],
                        () -> Optional.of(arguments[5]),
                        Map.of()));
    }

    /** Always the same order. */
    static Done perform(MaintainPartitions task, Path archives, PostgresDatabase database) throws Exception {
        return new PostgresMaintainPartitions(TestPartitionArchive.in(archives))
                .perform(
                        new Order<>(
                                new CommandId("test/partitions"),
                                task,
                                Instant.parse("2026-11-20T00:00:00Z"),
                                false,
                                Optional.empty()),
                        database,
                        CalmAttempt.inHaste());
    }

    static Process start(MaintainPartitions task, String place, Path archives, PostgresDatabase database)
            throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfault.at=" + place));
        command.add("-Darchive=" + task.archive().map(Enum::name).orElse(""));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PartitionsMain.class.getName()));
        command.addAll(List.of(
                archives.toString(),
                database.address().host(),
                Integer.toString(database.address().port()),
                database.address().database(),
                database.user(),
                database.password().get().orElseThrow()));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
