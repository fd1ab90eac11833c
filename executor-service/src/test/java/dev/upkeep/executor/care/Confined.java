package dev.upkeep.executor.care;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs {@link MisfortuneMain} in a user and mount namespace of its own, where a script may mount without being root outside. */
final class Confined {
    private Confined() {}

    /** How a task ended. */
    record End(String outcome, String code, String message) {}

    /**
     * Does every task.
     *
     * @param script of the shell, before the tasks
     * @param after of the shell, after them
     * @param words see {@link MisfortuneMain#main}
     */
    static Map<String, End> run(String script, String after, Path file, String... words)
            throws IOException, InterruptedException {
        String java = String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
                "-cp \"$CP\"",
                MisfortuneMain.class.getName(),
                file.toString(),
                String.join(" ", words));
        ProcessBuilder builder =
                new ProcessBuilder(List.of("unshare", "-rm", "sh", "-ec", script + "\n" + java + "\n" + after));
        builder.environment().put("CP", System.getProperty("java.class.path"));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the confined process failed: " + output);
        }
        Map<String, End> ends = new LinkedHashMap<>();
        for (String line : output.lines().toList()) {
            String[] parts = line.split("\t", 4);
            if (parts.length == 4) {
                ends.put(parts[0], new End(parts[1], parts[2], parts[3]));
            }
        }
        return ends;
    }
}
