package dev.upkeep.e2e;

import static org.awaitility.Awaitility.await;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import dev.upkeep.local.up.RunWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** An executor of a test's own, packaged as delivered, on the bus of the whole system: to be killed, starved and shut out. */
final class OtherExecutor implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final WholeSystem whole;
    private final String id;
    private final Path folder;
    private final Path configuration;
    private final List<String> prefix;
    private final int port = Ports.free();
    private Optional<ChildProcess> process = Optional.empty();

    /**
     * Not started yet.
     *
     * @param tries how often what may pass is tried
     * @param prefix words before the command, such as those that give it a disk of its own
     * @param settings what is configured below {@code upkeep} besides Kafka and the executor's folder, as YAML
     */
    OtherExecutor(WholeSystem whole, String id, Path folder, int tries, List<String> prefix, String settings) {
        this.whole = whole;
        this.id = id;
        this.folder = folder;
        this.prefix = List.copyOf(prefix);
        try {
            configuration = Files.writeString(folder.resolve("executor.yaml"), """
                    upkeep:
                      kafka: {bootstrap: "%s"}
                      executor:
                        id: %s
                        data: "%s"
                        heartbeat: 1s
                        probe: 2s
                        retry: {attempts: %d, first: 500ms, longest: 3s}
                    %s""".formatted(
                            whole.system().kafka().bootstrap(), id, data(), tries, settings.indent(2)));
            Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path data() {
        return folder.resolve("data");
    }

    /** Starts the process, and does not wait. */
    void launch() {
        List<String> command = new ArrayList<>(List.of("env", "MALLOC_ARENA_MAX=1"));
        command.addAll(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx64m",
                "-Xss256k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dsmallrye.config.locations=" + configuration,
                "-Dquarkus.http.host=" + Ports.HOST,
                "-Dquarkus.http.port=" + port,
                "-jar",
                WholeSystem.home()
                        .resolve("executor-service/target/quarkus-app/quarkus-run.jar")
                        .toString()));
        process = Optional.of(ChildSetup.of("another executor", command, log()).start());
    }

    Path log() {
        return folder.resolve("executor.log");
    }

    void start() {
        launch();
        process().awaitReady(WholeSystem.PATIENCE, this::isReady);
    }

    /** Starts it, and waits until the scheduler can know its databases. */
    void start(String... databases) {
        try (RunWatch watch = RunWatch.start(whole.system().kafka())) {
            start();
            await().atMost(WholeSystem.PATIENCE)
                    .until(() -> watch.reachableDatabases().containsAll(List.of(databases)));
        }
    }

    boolean isReady() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + Ports.HOST + ":" + port + "/q/health/ready"))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    }

    ChildProcess process() {
        return process.orElseThrow();
    }

    /** Its resident memory in MB, as the kernel counts it; 0 when it is gone. */
    long residentMegabytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process().pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    void kill() {
        process.filter(ChildProcess::isAlive).ifPresent(ChildProcess::kill);
    }

    /** Ends it, and takes its registration back, so that other tests' requests for all databases do not wait for it. */
    @Override
    public void close() {
        process.ifPresent(ChildProcess::close);
        KafkaSettings kafka = whole.system().kafka();
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer())) {
            producer.send(new ProducerRecord<>(kafka.topics().name(Topic.EXECUTORS), id, null))
                    .get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the registration of " + id + " stays", e);
        }
    }
}
