package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real PostgreSQL server with its data in a folder, on the loopback address, with checksums and password authentication.
 *
 * <p>Its superuser is {@value #ADMIN}, whose generated password is in the file {@code password} of the folder, readable by the owner
 * only. Works as root, too: the server then runs as an unprivileged user. {@link #start()} returns when
 * clients can connect, or throws a {@link LocalFailure}. The server never outlives this JVM. Thread-safe.
 */
public final class LocalPostgres extends LocalServer {
    /** The superuser of each server of this class. */
    public static final String ADMIN = "upkeep_admin";

    private static final String OWNER_ONLY = "rw-------";

    /** The ways in which PostgreSQL can be stopped in good order or at once. */
    public enum Stop {
        /** Waits for nobody, rolls back, checkpoints. */
        FAST("INT"),
        /** Ends at once; recovers at the next start. */
        IMMEDIATE("QUIT");

        private final String signal;

        Stop(String signal) {
            this.signal = signal;
        }
    }

    private final PostgresSetup setup;
    private final Path bin;
    private final ServerUser user;
    private String password = "";

    private LocalPostgres(PostgresSetup setup) {
        super("PostgreSQL", setup.port(), setup.deadline());
        this.setup = setup;
        this.user = ServerUser.choose();
        this.bin = PostgresPrograms.find(setup.bin(), user, setup.folder());
    }

    /** A server with its data in this folder. */
    public static PostgresSetup in(Path folder) {
        return PostgresSetup.in(folder);
    }

    static LocalPostgres start(PostgresSetup setup) {
        LocalPostgres server = new LocalPostgres(setup);
        server.start();
        return server;
    }

    @Override
    boolean isPassing(LocalFailure failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("shared memory block") || message.contains("Address already in use");
    }

    @Override
    ChildProcess launch(int onPort) {
        Path data = setup.folder().resolve("data");
        try {
            Files.createDirectories(setup.folder());
            user.own(data);
            List<String> prefix = user.prefix(data);
            if (!Files.exists(data.resolve("PG_VERSION"))) {
                initialise(prefix, data);
            }
            password = Files.readString(passwordFile()).strip();
            return ChildSetup.of("PostgreSQL", command(prefix, data, onPort), log())
                    .stopSignal(setup.disposable() ? "QUIT" : "INT")
                    .scratch(setup.disposable() ? Optional.of(setup.folder()) : Optional.empty())
                    .start();
        } catch (IOException e) {
            throw new LocalFailure(
                    Code.FOLDER, "folder %s for PostgreSQL cannot be used: %s".formatted(setup.folder(), e), e);
        }
    }

    /** Initialises beside the data folder and renames, so that an interrupted start is never taken for a database. */
    private void initialise(List<String> prefix, Path data) throws IOException {
        String generated = newPassword();
        Path passwordForInitdb = Files.createTempFile("upkeep-", ".pw");
        Path cluster = data.resolve("new");
        try {
            Scratch.delete(cluster);
            Files.writeString(passwordForInitdb, generated);
            Files.setOwner(passwordForInitdb, Files.getOwner(data));
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    bin.resolve("initdb").toString(),
                    "--pgdata=" + cluster,
                    "--username=" + ADMIN,
                    "--pwfile=" + passwordForInitdb,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--data-checksums"));
            if (setup.disposable()) {
                command.add("--no-sync");
            }
            ChildProcess initdb = ChildSetup.of("initdb", command, log()).start();
            if (!initdb.awaitEnd(setup.deadline()) || initdb.exitStatus() != 0) {
                initdb.close();
                throw new LocalFailure(
                        Code.ENDED,
                        "initdb of %s could not make a database in %s%s".formatted(bin, data, initdb.logTail()));
            }
            Path partial = Files.createTempFile(
                    setup.folder(),
                    "password",
                    ".partial",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
            Files.writeString(partial, generated + "\n");
            Files.move(partial, passwordFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            promote(cluster, data);
        } finally {
            Files.deleteIfExists(passwordForInitdb);
        }
    }

    private static void promote(Path cluster, Path data) throws IOException {
        Path aside = data.resolveSibling("data.new");
        Scratch.delete(aside);
        Files.move(cluster, aside, StandardCopyOption.ATOMIC_MOVE);
        Scratch.delete(data);
        Files.move(aside, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String newPassword() {
        byte[] bytes = new byte[18];
        new SecureRandom().nextBytes(bytes);
        return java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private List<String> command(List<String> prefix, Path data, int port) {
        List<String> command = new ArrayList<>(prefix);
        command.add(bin.resolve("postgres").toString());
        command.add("-D");
        command.add(data.toString());
        Map<String, String> settings = new TreeMap<>(Map.of(
                "listen_addresses", Ports.HOST,
                "port", Integer.toString(port),
                "unix_socket_directories", "",
                "timezone", "UTC",
                "log_timezone", "UTC",
                "shared_buffers", "64MB"));
        if (setup.disposable()) {
            settings.putAll(Map.of("fsync", "off", "full_page_writes", "off", "synchronous_commit", "off"));
        }
        settings.putAll(setup.settings());
        settings.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        return command;
    }

    @Override
    boolean answers() throws SQLException {
        try (Connection connection = address().connect("postgres")) {
            return connection.isValid(5);
        }
    }

    private Path passwordFile() {
        return setup.folder().resolve("password");
    }

    private Path log() {
        return setup.folder().resolve("postgres.log");
    }

    /** Where it listens, and its superuser. */
    public synchronized PostgresAddress address() {
        return new PostgresAddress(Ports.HOST, port(), ADMIN, password);
    }

    /** The folder of its programs. */
    public Path bin() {
        return bin;
    }

    public void stop(Stop how) {
        stop(how.signal);
    }

    /** Ends its main process by {@code kill -9}, and waits until its other processes have noticed. */
    @Override
    public synchronized void kill() {
        if (isRunning()) {
            killAll(process());
        }
    }

    private static void killAll(ChildProcess main) {
        List<ProcessHandle> others = ProcessHandle.of(main.pid()).stream()
                .flatMap(ProcessHandle::descendants)
                .toList();
        main.kill();
        try {
            CompletableFuture.allOf(others.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw LocalFailure.interrupted("PostgreSQL's processes", e);
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            others.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * Runs one of PostgreSQL's programs on the data while the server is stopped, as the server's user, such as {@code pg_resetwal}.
     *
     * @param arguments without the data folder, which is the last
     */
    public synchronized void runOffline(String program, String... arguments) {
        if (isRunning()) {
            throw new IllegalStateException("the server runs; " + program + " would damage its data");
        }
        Path data = setup.folder().resolve("data");
        List<String> command = new ArrayList<>(user.prefix(data));
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        command.add(data.toString());
        try (ChildProcess child = ChildSetup.of(program, command, log()).start()) {
            if (!child.awaitEnd(setup.deadline()) || child.exitStatus() != 0) {
                throw new LocalFailure(Code.ENDED, program + " failed on " + data + child.logTail());
            }
        }
    }

    /** Stops it fast and starts it again on the same port and data. */
    public synchronized void restart() {
        stop(Stop.FAST);
        start();
    }
}
