package dev.upkeep.bench.load;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Upkeep's packaged executor, one task at a time from the shell, as {@code deploy/cli/upkeep exec} runs it. */
public final class Executor {
    private final Path folder;
    private final Path configuration;
    private final List<String> jvm;

    /**
     * @param configuration its YAML
     * @param jvm further options of its JVM, beside those of docs/executor.md
     */
    public Executor(Path folder, String configuration, List<String> jvm) throws IOException {
        this.folder = folder;
        this.configuration = Files.writeString(folder.resolve("executor.yaml"), configuration);
        this.jvm = List.copyOf(jvm);
    }

    /** Runs a task to its end; fails unless it succeeds. */
    public TaskResult run(String database, List<String> task) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-Xss256k", "-XX:+UseSerialGC"));
        command.addAll(jvm);
        command.add("-Dsmallrye.config.locations=" + configuration);
        command.add("-jar");
        command.add(Path.of(System.getProperty("upkeep.home"), "executor-service/target/quarkus-app/quarkus-run.jar")
                .toString());
        command.add("exec");
        command.addAll(task);
        command.addAll(List.of("--database", database, "--output", "json", "--time-limit", "5m"));
        Path out = folder.resolve("executor.out");
        Path err = folder.resolve("executor.err");
        int status = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        try {
            Result result = Wire.read(Files.readAllBytes(out), Result.class);
            if (result.outcome() == Outcome.SUCCEEDED) {
                return result.tasks().get(0);
            }
            throw new IllegalStateException(task + " ended with " + result.outcome() + ": " + result.reasons() + " "
                    + result.tasks().stream().map(TaskResult::reason).toList());
        } catch (Unreadable e) {
            throw new IllegalStateException(
                    "exit status " + status + ": " + Files.readString(out) + Files.readString(err), e);
        }
    }

    public static long deleted(TaskResult result) {
        return (long) result.measurements().stream()
                .filter(each -> each.name().equals("purge_deleted"))
                .mapToDouble(Measurement::value)
                .sum();
    }

    /** A measurement of a task, or NaN. */
    public static double measured(TaskResult result, String name) {
        return result.measurements().stream()
                .filter(each -> each.name().equals(name))
                .mapToDouble(Measurement::value)
                .findFirst()
                .orElse(Double.NaN);
    }
}
