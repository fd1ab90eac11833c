package dev.upkeep.bench.health;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The exporter as it runs on a host: resident, and connected to the database. */
final class Exporter implements AutoCloseable {
    private final ChildProcess process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest scrape;

    /** @param further options beside its defaults */
    Exporter(Rivals rivals, Server server, String role, Path log, String... further) {
        int port = Ports.free();
        scrape = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .timeout(Duration.ofSeconds(20))
                .build();
        List<String> command = new ArrayList<>(List.of(
                "env",
                "DATA_SOURCE_NAME=" + server.url(role),
                rivals.exporter().toString(),
                "--web.listen-address=127.0.0.1:" + port));
        command.addAll(List.of(further));
        process = ChildSetup.of("the exporter", command, log).start();
        process.awaitReady(Duration.ofSeconds(20), () -> body().contains("pg_up 1"));
    }

    private String body() throws IOException, InterruptedException {
        return http.send(scrape, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** One scrape, in milliseconds. */
    double scrape() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        if (!body().contains("pg_up 1")) {
            throw new IllegalStateException("the exporter lost the database" + process.logTail());
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    @Override
    public void close() {
        process.close();
    }
}
