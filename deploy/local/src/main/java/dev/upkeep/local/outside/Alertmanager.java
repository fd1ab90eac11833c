package dev.upkeep.local.outside;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real Alertmanager on a free port. */
public final class Alertmanager implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Scratch scratch;
    private final ChildProcess process;
    private final Page page;

    private Alertmanager(Scratch scratch, ChildProcess process, Page page) {
        this.scratch = scratch;
        this.process = process;
        this.page = page;
    }

    /** Starts one, with its data in a temporary folder; {@code home} is the repository. */
    public static Alertmanager start(Path home) {
        Scratch scratch = Scratch.of("alertmanager");
        try {
            Path folder = scratch.path();
            Path configuration = Files.writeString(
                    folder.resolve("alertmanager.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n");
            int port = Ports.free();
            ChildProcess process = ChildSetup.of(
                            "Alertmanager",
                            List.of(
                                    Program.of(home, "prometheus-alertmanager", "alertmanager"),
                                    "--config.file=" + configuration,
                                    "--storage.path=" + folder.resolve("data"),
                                    "--cluster.listen-address=",
                                    "--web.listen-address=" + Ports.HOST + ":" + port),
                            folder.resolve("alertmanager.log"))
                    .start();
            Page page = new Page("http://" + Ports.HOST + ":" + port);
            process.awaitReady(PATIENCE, () -> page.isThere("/-/ready"));
            return new Alertmanager(scratch, process, page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return page.base();
    }

    /** The rules whose alerts fire for a database. */
    public List<String> firing(String database) {
        List<String> rules = new ArrayList<>();
        for (JsonNode alert : page.json("/api/v2/alerts", "filter", "database=\"" + database + "\"")) {
            rules.add(alert.path("labels").path("alertname").asText());
        }
        return rules;
    }

    @Override
    public void close() {
        process.close();
        scratch.close();
    }
}
