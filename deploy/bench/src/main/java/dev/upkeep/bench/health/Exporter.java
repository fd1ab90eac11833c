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
import java.util.List;

/** The exporter as it runs on a host: resident, with its default collectors, and connected to the database. */
final class Exporter implements AutoCloseable {
    private final ChildProcess process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest scrape;

    Exporter(Rivals rivals, Server server, Path log) {
        int port = Ports.free();
        scrape = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .timeout(Duration.ofSeconds(20))
                .build();
        process = ChildSetup.of(
                        "the exporter",
                        List.of(
                                "env",
                                "DATA_SOURCE_NAME=" + server.url(Server.EXPORTER),
                                rivals.exporter().toString(),
                                "--web.listen-address=127.0.0.1:" + port),
                        log)
                .start();
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
