package dev.upkeep.executor.operation.sqlite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a program of the tests in a user and mount namespace of its own, where a script may mount without being root outside. */
public final class Confined {
    private Confined() {}

    /**
     * Runs it to its end.
     *
     * @param script of the shell, before the program
     * @param after of the shell, after it
     * @param words for the program; none with a space
     * @return the lines that it printed
     */
    public static List<String> run(String script, Class<?> program, List<String> words, String after)
            throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java")
                + " -Xmx96m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp \"$CP\" " + program.getName() + " "
                + String.join(" ", words);
        ProcessBuilder builder =
                new ProcessBuilder(List.of("unshare", "-rm", "sh", "-ec", script + "\n" + java + "\n" + after));
        builder.environment().put("CP", System.getProperty("java.class.path"));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the confined process failed: " + output);
        }
        return output.lines().toList();
    }
}
