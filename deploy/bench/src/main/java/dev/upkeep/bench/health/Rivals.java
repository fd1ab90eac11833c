package dev.upkeep.bench.health;

import dev.upkeep.bench.report.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where Debian's {@code prometheus-postgres-exporter} and {@code check_postgres} are: in the folder that was named, else unpacked from
 * their packages, which apt downloads. Nothing is installed, and nobody has to be root.
 *
 * @param queries the exporter's package's own example of further queries, among them those on tables
 */
record Rivals(Path exporter, Path checks, Path queries) {
    private static final List<String> PACKAGES = List.of("prometheus-postgres-exporter", "check-postgres");

    static Rivals find(Options options, Path scratch) throws IOException, InterruptedException {
        String given = options.text("rivals", "");
        Path root = given.isEmpty() ? unpacked(Files.createDirectories(scratch)) : Path.of(given);
        Rivals rivals = new Rivals(
                root.resolve("usr/bin/prometheus-postgres-exporter"),
                root.resolve("usr/bin/check_postgres"),
                root.resolve("usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml"));
        for (Path program : List.of(rivals.exporter(), rivals.checks(), rivals.queries())) {
            if (!Files.isRegularFile(program)) {
                throw new IOException(program + " is missing; --rivals wants a folder into which the packages "
                        + String.join(" and ", PACKAGES) + " were unpacked: dpkg -x <package>.deb <folder>");
            }
        }
        return rivals;
    }

    private static Path unpacked(Path scratch) throws IOException, InterruptedException {
        run(
                scratch,
                Stream.concat(Stream.of("apt-get", "download"), PACKAGES.stream())
                        .toList());
        Path root = scratch.resolve("root");
        try (Stream<Path> files = Files.list(scratch)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".deb")).toList()) {
                run(scratch, List.of("dpkg", "-x", file.toString(), root.toString()));
            }
        }
        return root;
    }

    private static void run(Path scratch, List<String> command) throws IOException, InterruptedException {
        Path log = scratch.resolve("packages.log");
        String wanted = " (unpack the packages " + String.join(" and ", PACKAGES)
                + " yourself and name the folder by --rivals)";
        try {
            Process process = new ProcessBuilder(command)
                    .directory(scratch.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " took over a minute" + wanted);
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        String.join(" ", command) + ": " + Files.readString(log).strip() + wanted);
            }
        } catch (IOException e) {
            if (Files.exists(log)) {
                throw e;
            }
            throw new IOException(command.get(0) + " cannot be run" + wanted, e);
        }
    }
}
