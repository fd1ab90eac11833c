package dev.upkeep.bench.backup;

import dev.upkeep.bench.load.Executor;
import dev.upkeep.common.result.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs Upkeep's executor once; its times are those that it measures itself, without the start of its JVM.
 *
 * @param database its configuration
 * @param jvm options of its JVM
 */
record Ours(Path folder, String database, List<String> jvm) {
    /** @param settings of {@code upkeep.backup}, as lines of YAML */
    Copy run(List<String> settings, List<String> parameters) throws IOException, InterruptedException {
        Executor executor = new Executor(
                folder,
                """
                upkeep:
                  databases:
                %s
                  backup:
                    directory: "%s"
                    least-free: 1M
                %s
                """.formatted(
                                database.indent(4).stripTrailing(),
                                folder.resolve("backups"),
                                String.join("\n", settings).indent(4).stripTrailing()),
                jvm);
        List<String> task = new ArrayList<>(List.of("backup", "keep=1"));
        task.addAll(parameters);
        TaskResult result = executor.run("bench", task);
        double seconds = Executor.measured(result, "backup_duration");
        return new Copy(
                result.startedAt().orElseThrow(),
                result.endedAt().orElseThrow(),
                seconds,
                seconds + Executor.measured(result, "backup_verification_duration"),
                (long) Executor.measured(result, "backup_size"));
    }
}
