package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker and controller (KRaft, one node) in a JVM of its own, on the loopback address.
 *
 * <p>An empty folder is formatted; a folder with data goes on with its data, on whatever port. Topics are never created by
 * themselves. {@link #start()} returns when clients can connect, or throws a {@link LocalFailure} that names the busy port or shows
 * the end of the broker's log. The broker never outlives this JVM. Thread-safe.
 */
public final class LocalBroker extends LocalServer {
    private static final String LOGGING = """
            handlers=java.util.logging.ConsoleHandler
            .level=WARNING
            kafka.server.KafkaConfig.level=SEVERE
            org.apache.kafka.common.utils.AppInfoParser.level=SEVERE
            java.util.logging.ConsoleHandler.level=ALL
            java.util.logging.ConsoleHandler.formatter=java.util.logging.SimpleFormatter
            java.util.logging.SimpleFormatter.format=%1$tF %1$tT %4$s %3$s %5$s%6$s%n
            """;

    private final BrokerSetup setup;

    private LocalBroker(BrokerSetup setup) {
        super("Kafka", setup.port(), setup.deadline());
        this.setup = setup;
    }

    /** A broker with its data in this folder. */
    public static BrokerSetup in(Path folder) {
        return BrokerSetup.in(folder);
    }

    static LocalBroker start(BrokerSetup setup) {
        LocalBroker broker = new LocalBroker(setup);
        broker.start();
        return broker;
    }

    @Override
    ChildProcess launch(int onPort) {
        Path config = prepareFolder(onPort, Ports.free());
        return ChildSetup.of("Kafka", command(config), setup.folder().resolve("kafka.log"))
                .stopSignal(setup.disposable() ? "KILL" : "TERM")
                .scratch(setup.disposable() ? Optional.of(setup.folder()) : Optional.empty())
                .start();
    }

    @Override
    boolean isPassing(LocalFailure failure) {
        return String.valueOf(failure.getMessage()).contains("already in use");
    }

    private List<String> command(Path config) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Djava.util.logging.config.file=" + setup.folder().resolve("logging.properties"),
                "-cp",
                setup.classpath(),
                "kafka.Kafka",
                config.toString());
    }

    private Path prepareFolder(int port, int controllerPort) {
        Path folder = setup.folder();
        Path data = folder.resolve("data");
        try {
            Files.createDirectories(data);
            if (!Files.exists(data.resolve("meta.properties"))) {
                format(data);
            }
            Files.writeString(folder.resolve("logging.properties"), LOGGING);
            Path config = folder.resolve("server.properties");
            Properties properties = new Properties();
            properties.putAll(BrokerSettings.of(port, controllerPort, data));
            properties.putAll(setup.settings());
            try (Writer writer = Files.newBufferedWriter(config)) {
                properties.store(writer, null);
            }
            return config;
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s for Kafka cannot be used: %s".formatted(folder, e), e);
        }
    }

    private static void format(Path data) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(output, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(print)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(BrokerSettings.NODE)
                    .addDirectory(data.toString())
                    .setMetadataLogDirectory(data.toString())
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .run();
        } catch (Exception e) {
            throw new LocalFailure(
                    Code.FOLDER,
                    "folder %s could not be formatted for Kafka: %s %s"
                            .formatted(data, e.getMessage(), output.toString(StandardCharsets.UTF_8)),
                    e);
        }
    }

    @Override
    boolean answers() throws Exception {
        if (!Ports.listens(port())) {
            return false;
        }
        Map<String, Object> client = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "3000",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "5000");
        try (Admin admin = Admin.create(client)) {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        }
    }

    /** Where clients connect, as {@code host:port}. */
    public String bootstrapServers() {
        return Ports.HOST + ":" + port();
    }

    /** Ends it in good order. */
    public void stop() {
        stop("TERM");
    }

    /** Ends it in good order and starts it again on the same port and data. */
    public synchronized void restart() {
        stop();
        start();
    }
}
