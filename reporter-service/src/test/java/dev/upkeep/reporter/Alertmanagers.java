package dev.upkeep.reporter;

import static io.restassured.RestAssured.given;

import dev.upkeep.local.server.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Alertmanager on a free port; the project's own script installs it if it is absent. */
final class Alertmanagers implements AutoCloseable {
    private final Process process;
    private final int port;

    private Alertmanagers(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Alertmanagers start() {
        try {
            install();
            Path folder = Files.createTempDirectory("upkeep-alertmanager-");
            Path configuration = Files.writeString(
                    folder.resolve("alertmanager.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n");
            int port = Ports.free();
            Process process = new ProcessBuilder(
                            program(),
                            "--config.file=" + configuration,
                            "--storage.path=" + folder.resolve("data"),
                            "--cluster.listen-address=",
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("alertmanager.log").toFile())
                    .start();
            return new Alertmanagers(process, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void install() throws IOException, InterruptedException {
        Process script = new ProcessBuilder(
                        Path.of("..", "deploy", "prometheus", "install.sh").toString())
                .inheritIO()
                .start();
        if (script.waitFor() != 0) {
            throw new IllegalStateException("deploy/prometheus/install.sh could not install Alertmanager");
        }
    }

    private static String program() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder ->
                        Stream.of(Path.of(folder, "prometheus-alertmanager"), Path.of(folder, "alertmanager")))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toString();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** The rules whose alerts fire for a database. */
    List<String> firing(String database) {
        return given().baseUri("http://127.0.0.1")
                .port(port)
                .queryParam("filter", "database=\"" + database + "\"")
                .get("/api/v2/alerts")
                .jsonPath()
                .getList("labels.alertname", String.class);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
