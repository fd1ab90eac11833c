package dev.upkeep.e2e;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The packaged reporter as a process of one test, with settings of its own. */
final class OwnReporter implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ChildProcess process;
    private final int port;

    private OwnReporter(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one and waits until it is ready. */
    static OwnReporter start(String name, Path folder, Map<String, String> settings) {
        int port = Ports.free();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dquarkus.http.port=" + port));
        new TreeMap<>(settings).forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-jar");
        command.add(WholeSystem.home()
                .resolve("reporter-service/target/quarkus-app/quarkus-run.jar")
                .toString());
        ChildProcess process =
                ChildSetup.of(name, command, folder.resolve(name + ".log")).start();
        OwnReporter reporter = new OwnReporter(process, port);
        process.awaitReady(
                WholeSystem.PATIENCE, () -> reporter.get("/q/health/ready").statusCode() == 200);
        return reporter;
    }

    HttpResponse<String> get(String path) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://" + Ports.HOST + ":" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it without warning. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
