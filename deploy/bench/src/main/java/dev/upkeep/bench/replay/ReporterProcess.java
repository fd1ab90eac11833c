package dev.upkeep.bench.replay;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The packaged reporter as a process of its own, with a SQLite history and as small as it is run beside databases. */
final class ReporterProcess implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final ChildProcess process;
    private final int port;

    private ReporterProcess(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    static ReporterProcess start(Path home, Path folder, String bootstrap, int heapMegabytes) {
        Path jar = home.resolve("reporter-service/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: ./mvnw -DskipTests package builds it");
        }
        int port = Ports.free();
        ChildProcess process = ChildSetup.of(
                        "the reporter",
                        List.of(
                                "env",
                                "MALLOC_ARENA_MAX=1",
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx" + heapMegabytes + "m",
                                "-XX:+UseSerialGC",
                                "-Xss256k",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-Dupkeep.kafka.bootstrap=" + bootstrap,
                                "-Dupkeep.history.url=jdbc:sqlite:" + folder.resolve("history.db"),
                                "-Dquarkus.http.port=" + port,
                                "-jar",
                                jar.toString()),
                        folder.resolve("reporter.log"))
                .start();
        return new ReporterProcess(process, port);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://" + Ports.HOST + ":" + port + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String logTail() {
        return process.logTail();
    }

    /** Resident memory in MiB, as the operating system counts it. */
    double residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                .findFirst()
                .orElse(Double.NaN);
    }

    @Override
    public void close() {
        process.close();
    }
}
