package dev.upkeep.e2e;

import static org.awaitility.Awaitility.await;

import dev.upkeep.local.sample.SqliteSample;
import dev.upkeep.local.sample.TelemetrySample;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Ports;
import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.up.RunWatch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;

/** The five systems' databases, and one packaged executor for them on the bus of the whole system, with labels of its own. */
final class SampleSystems implements AutoCloseable {
    private static final List<String> DATABASES =
            List.of("five-audit", "five-audit-pg", "five-queue", "five-telemetry", "five-ai", "five-oracle");

    private final Path folder;
    private final LocalPostgres server;
    private final ChildProcess executor;

    private SampleSystems(Path folder, LocalPostgres server, ChildProcess executor) {
        this.folder = folder;
        this.server = server;
        this.executor = executor;
    }

    static SampleSystems start(WholeSystem whole, Path folder) throws Exception {
        Instant now = Instant.now();
        for (SqliteSample sample : SqliteSample.values()) {
            sample.create(folder.resolve("databases"), now);
        }
        LocalPostgres server = LocalPostgres.in(folder.resolve("server")).start();
        PostgresAddress address = server.address();
        TelemetrySample.create(address, now);
        for (String name : List.of("audit", "ai", "oracle")) {
            address.createDatabase(name);
            String script = Files.readString(
                    WholeSystem.home().resolve("deploy/e2e/src/test/resources/systems/" + name + ".sql"));
            address.execute(name, script);
        }
        Path payload = Files.createDirectories(folder.resolve("payloads/payload/run-00001"));
        Files.writeString(payload.resolve("0.json"), "{}");
        Path password = Files.writeString(folder.resolve("password"), address.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        ChildProcess executor = executor(whole, folder, address);
        return new SampleSystems(folder, server, executor);
    }

    private static ChildProcess executor(WholeSystem whole, Path folder, PostgresAddress server) throws Exception {
        String template =
                Files.readString(WholeSystem.home().resolve("deploy/e2e/src/test/resources/systems/executor.yaml"));
        Path configuration = Files.writeString(
                folder.resolve("executor.yaml"),
                template.replace("${bootstrap}", whole.system().kafka().bootstrap())
                        .replace("${folder}", folder.toString())
                        .replace("${port}", Integer.toString(server.port()))
                        .replace("${user}", server.user()));
        Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-------"));
        int port = Ports.free();
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Xss256k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dsmallrye.config.locations=" + configuration,
                "-Dquarkus.http.host=" + Ports.HOST,
                "-Dquarkus.http.port=" + port,
                "-jar",
                WholeSystem.home()
                        .resolve("executor-service/target/quarkus-app/quarkus-run.jar")
                        .toString());
        try (RunWatch watch = RunWatch.start(whole.system().kafka())) {
            ChildProcess process = ChildSetup.of("the executor of the samples", command, folder.resolve("executor.log"))
                    .start();
            HttpClient http = HttpClient.newHttpClient();
            HttpRequest ready = HttpRequest.newBuilder(
                            URI.create("http://" + Ports.HOST + ":" + port + "/q/health/ready"))
                    .build();
            process.awaitReady(
                    WholeSystem.PATIENCE,
                    () -> http.send(ready, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
            await().atMost(WholeSystem.PATIENCE)
                    .until(() -> watch.reachableDatabases().containsAll(DATABASES));
            return process;
        }
    }

    Path file(SqliteSample sample) {
        return folder.resolve("databases").resolve(sample.fileName());
    }

    Path backups() {
        return folder.resolve("backups");
    }

    Path archives() {
        return folder.resolve("archives");
    }

    PostgresAddress server() {
        return server.address();
    }

    @Override
    public void close() {
        executor.close();
        server.close();
    }
}
