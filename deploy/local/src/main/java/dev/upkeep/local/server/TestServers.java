package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One Kafka broker and one PostgreSQL for all tests of a JVM, started when first asked for and gone with the JVM, in whatever way it ends.
 *
 * <p>They are programs of this machine, or, when the system property {@code upkeep.test.servers} is {@code testcontainers},
 * containers. Tests share them, so each takes topics, groups, databases and roles under names of its own: {@link #unique}. A test that
 * stops a server starts one of its own. The PostgreSQL has {@code fsync} off. Thread-safe, and shared by all class loaders of the JVM.
 */
public final class TestServers {
    private static final String KAFKA = "upkeep.test.kafka.started";
    private static final String POSTGRES = "upkeep.test.postgres.started";
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final String JVM = Long.toString(ProcessHandle.current().pid(), 36);

    private TestServers() {}

    /** A name that no other test of any running JVM uses, made of lower case letters, digits and {@code _}. */
    public static String unique(String prefix) {
        // the class loader's hash: a Quarkus test has this class, and so its counter, twice
        String loader = Integer.toString(System.identityHashCode(TestServers.class), 36);
        return prefix + "_" + JVM + "_" + loader + "_" + COUNTER.incrementAndGet();
    }

    /** Where the shared broker's clients connect, as {@code host:port}. */
    public static String bootstrapServers() {
        return shared(KAFKA, () -> containers() ? ContainerServers.kafka() : broker());
    }

    /** The shared PostgreSQL. */
    public static PostgresAddress postgres() {
        String[] parts = shared(POSTGRES, () -> {
                    PostgresAddress address = containers() ? ContainerServers.postgres() : localPostgres();
                    return String.join(
                            " ", address.host(), Integer.toString(address.port()), address.user(), address.password());
                })
                .split(" ", -1);
        return new PostgresAddress(parts[0], Integer.parseInt(parts[1]), parts[2], parts[3]);
    }

    /** A new, empty database of the shared PostgreSQL; returns its name. */
    public static String newDatabase(String prefix) {
        String name = unique(prefix);
        try {
            postgres().createDatabase(name);
        } catch (java.sql.SQLException e) {
            throw new LocalFailure(Code.NOT_READY, "database " + name + " could not be made: " + e.getMessage(), e);
        }
        return name;
    }

    private static boolean containers() {
        return "testcontainers".equals(System.getProperty("upkeep.test.servers"));
    }

    /** The system properties are the one place that all class loaders of a JVM share. */
    private static String shared(String key, Supplier<String> start) {
        Properties everywhere = System.getProperties();
        synchronized (everywhere) {
            String value = everywhere.getProperty(key);
            if (value == null) {
                value = start.get();
                everywhere.setProperty(key, value);
            }
            return value;
        }
    }

    private static String broker() {
        LocalBroker broker = LocalBroker.in(scratch("kafka")).asDisposable().start();
        atExit(broker::close);
        return broker.bootstrapServers();
    }

    private static PostgresAddress localPostgres() {
        PostgresSetup setup = LocalPostgres.in(scratch("postgres"))
                .asDisposable()
                .setting("max_connections", "200")
                .setting("max_prepared_transactions", "10");
        LocalPostgres server = Optional.ofNullable(System.getProperty("upkeep.test.postgres.bin"))
                .map(bin -> setup.bin(Path.of(bin)))
                .orElse(setup)
                .start();
        atExit(server::close);
        return server.address();
    }

    private static Path scratch(String name) {
        try {
            return Files.createTempDirectory("upkeep-test-" + name + "-");
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "no temporary folder for " + name + ": " + e.getMessage(), e);
        }
    }

    private static void atExit(Runnable close) {
        Runtime.getRuntime().addShutdownHook(new Thread(close, "upkeep-test-servers"));
    }
}
