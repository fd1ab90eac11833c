package dev.upkeep.local.outside;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real Prometheus on a free port, with the configuration and rules of deploy/prometheus, but looking every second. */
public final class Prometheus implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Scratch scratch;
    private final ChildProcess process;
    private final Page page;

    private Prometheus(Scratch scratch, ChildProcess process, Page page) {
        this.scratch = scratch;
        this.process = process;
        this.page = page;
    }

    /**
     * Starts one.
     *
     * @param home the repository
     * @param targets by the address in the configuration, where the service really is
     */
    public static Prometheus start(Path home, Map<String, String> targets) {
        Scratch scratch = Scratch.of("prometheus");
        try {
            Path folder = scratch.path();
            Path given = home.resolve("deploy/prometheus");
            Files.createDirectory(folder.resolve("rules"));
            for (String rules : List.of("rules/alerts.yml", "rules/recording.yml")) {
                Files.writeString(
                        folder.resolve(rules),
                        Files.readString(given.resolve(rules)).replace("interval: 15s", "interval: 1s"));
            }
            String configuration =
                    Files.readString(given.resolve("prometheus.yml")).replace("15s", "1s");
            for (Map.Entry<String, String> target : targets.entrySet()) {
                configuration = configuration.replace(target.getKey(), target.getValue());
            }
            int port = Ports.free();
            ChildProcess process = ChildSetup.of(
                            "Prometheus",
                            List.of(
                                    Program.of(home, "prometheus"),
                                    "--config.file="
                                            + Files.writeString(folder.resolve("prometheus.yml"), configuration),
                                    "--storage.tsdb.path=" + folder.resolve("data"),
                                    "--web.listen-address=" + Ports.HOST + ":" + port),
                            folder.resolve("prometheus.log"))
                    .start();
            Page page = new Page("http://" + Ports.HOST + ":" + port);
            process.awaitReady(PATIENCE, () -> page.isThere("/-/ready"));
            return new Prometheus(scratch, process, page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a query gives at least one sample now. */
    public boolean returnsData(String query) {
        return !page.json("/api/v1/query", "query", query)
                .path("data")
                .path("result")
                .isEmpty();
    }

    @Override
    public void close() {
        process.close();
        scratch.close();
    }
}
