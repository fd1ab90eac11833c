package dev.upkeep.local.up;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.local.sample.SqliteSample;
import dev.upkeep.local.sample.TelemetrySample;
import dev.upkeep.local.server.LocalBroker;
import dev.upkeep.local.server.LocalFailure;
import dev.upkeep.local.server.LocalFailure.Code;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Ports;
import dev.upkeep.local.server.PostgresSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;

/**
 * The whole of Upkeep on this machine: a broker with its topics, a PostgreSQL and two SQLite files with sample data, and the three
 * services, each a process of its own, all within one data folder.
 *
 * <p>{@link #start} returns when every service is ready, or closes what it started and throws. {@link #close} ends the processes in good order;
 * none outlives this JVM. Thread-safe.
 */
public final class LocalSystem implements AutoCloseable {
    static final int LANES = 4;

    private final UpOptions options;
    private final Consumer<String> say;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final DataFolder data;
    private LocalBroker broker;
    private LocalPostgres postgres;
    private Services services;

    @SuppressWarnings("NullAway.Init") // started by start(), which no reference escapes before
    private LocalSystem(UpOptions options, Consumer<String> say) {
        this.options = options;
        this.say = say;
        this.data = DataFolder.open(options.data());
    }

    /**
     * Starts all of it.
     *
     * @param say told about each step
     */
    public static LocalSystem start(UpOptions options, Consumer<String> say) {
        LocalSystem system = new LocalSystem(options, say);
        try {
            system.startAll();
            return system;
        } catch (RuntimeException e) {
            system.close();
            throw e;
        }
    }

    private void startAll() {
        Thread closer = new Thread(this::close, "upkeep-stop");
        Runtime.getRuntime().addShutdownHook(closer);
        if (options.reset()) {
            data.reset();
        }
        for (UpPort port : UpPort.values()) {
            requireFree(port);
        }
        CompletableFuture<Void> databases = CompletableFuture.runAsync(this::startDatabases);
        startBroker();
        try {
            databases.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof LocalFailure failure ? failure : e;
        }
        startServices();
    }

    private void requireFree(UpPort port) {
        try {
            Ports.requireFree(port.name().toLowerCase(Locale.ROOT), options.port(port));
        } catch (LocalFailure e) {
            throw new LocalFailure(e.code(), e.getMessage() + " by " + port.option(), e);
        }
    }

    private void startBroker() {
        Instant since = Instant.now();
        broker = keep(LocalBroker.in(data.path().resolve("kafka"))
                .port(options.port(UpPort.KAFKA))
                .start());
        try (Admin admin = Admin.create(kafka().admin())) {
            List<String> created = new TopicSetup(admin, kafka().topics()).create(LANES, Optional.of((short) 1));
            say.accept("Kafka      ready in %s on %s, %s"
                    .formatted(
                            seconds(since),
                            broker.bootstrapServers(),
                            created.isEmpty() ? "topics found again" : created.size() + " topics created"));
        }
    }

    private void startDatabases() {
        Instant since = Instant.now();
        PostgresSetup setup = LocalPostgres.in(data.path().resolve("postgres")).port(options.port(UpPort.POSTGRES));
        postgres = keep(options.postgresBin().map(setup::bin).orElse(setup).start());
        try {
            boolean filled = TelemetrySample.create(postgres.address(), Instant.now());
            say.accept("PostgreSQL ready in %s on %s:%d (%s), database telemetry %s"
                    .formatted(
                            seconds(since),
                            Ports.HOST,
                            options.port(UpPort.POSTGRES),
                            postgres.bin(),
                            filled ? "filled" : "found again"));
            for (SqliteSample sample : SqliteSample.values()) {
                Instant start = Instant.now();
                boolean made = sample.create(databases(), Instant.now());
                say.accept("SQLite     %s %s"
                        .formatted(
                                databases().resolve(sample.fileName()),
                                made ? "filled in " + seconds(start) : "found again"));
            }
        } catch (SQLException | IOException e) {
            throw new LocalFailure(Code.FOLDER, "the sample databases could not be made: " + e.getMessage(), e);
        }
    }

    private void startServices() {
        try {
            ExecutorRole.prepare(data, postgres.address());
        } catch (SQLException | IOException e) {
            throw new LocalFailure(Code.FOLDER, "the executor's role could not be made: " + e.getMessage(), e);
        }
        services = new ServiceFiles(options, data, broker.bootstrapServers()).write();
        for (ServiceProcess service : services.all()) {
            keep(service).launch();
        }
        for (ServiceProcess service : services.all()) {
            service.awaitReady();
            say.accept(service.summary());
        }
    }

    private static String seconds(Instant since) {
        return String.format(
                Locale.ROOT, "%.1f s", Duration.between(since, Instant.now()).toMillis() / 1000.0);
    }

    private <T extends AutoCloseable> T keep(T part) {
        synchronized (running) {
            running.push(part);
        }
        return part;
    }

    /** How to reach the broker. */
    public KafkaSettings kafka() {
        return new KafkaSettings(
                Ports.HOST + ":" + options.port(UpPort.KAFKA), Topics.DEFAULT, "upkeep-local", Map.of());
    }

    public LocalBroker broker() {
        return broker;
    }

    public LocalPostgres postgres() {
        return postgres;
    }

    public Services services() {
        return services;
    }

    /** The folder with the SQLite files. */
    public Path databases() {
        return data.folder("databases");
    }

    /** The folder that the executor keeps its backups in. */
    public Path backups() {
        return data.folder("backups");
    }

    /** Ends what runs, the last started first. */
    @Override
    public void close() {
        synchronized (running) {
            while (!running.isEmpty()) {
                try {
                    running.pop().close();
                } catch (Exception e) {
                    say.accept("not ended in good order: " + e.getMessage());
                }
            }
            data.close();
        }
    }
}
