package dev.upkeep.bench.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Runs a plain tool by the shell, as people do, until what it wrote is on disk. */
final class Plain {
    private Plain() {}

    /** @param command writes {@code $TO} */
    static Copy run(String command, Map<String, String> environment, Path to) throws IOException, InterruptedException {
        Files.deleteIfExists(to);
        ProcessBuilder builder = new ProcessBuilder("sh", "-ec", command + "\nsync \"$TO\"").inheritIO();
        builder.environment().putAll(environment);
        builder.environment().put("TO", to.toString());
        Instant from = Instant.now();
        long begin = System.nanoTime();
        int status = builder.start().waitFor();
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (status != 0) {
            throw new IOException(command + " ended with status " + status);
        }
        long bytes = Files.size(to);
        Files.delete(to);
        return new Copy(from, Instant.now(), seconds, seconds, bytes);
    }
}
