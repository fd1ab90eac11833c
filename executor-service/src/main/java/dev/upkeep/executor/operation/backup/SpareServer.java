package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of our own on a spare place: data in a scratch folder, reachable only through a socket in a folder that
 * other users cannot enter, without network, dead with the executor. Used by one thread.
 */
final class SpareServer implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Path data;
    private final Client client;
    private final ServerAccount account;
    private final Path socket;
    private final Attempt attempt;
    private @Nullable Program server;

    /** @param data where its data is or will be; made if need be */
    SpareServer(Path data, Client client, ServerAccount account, Attempt attempt) throws IOException {
        this.data = data;
        this.client = client;
        this.account = account;
        this.attempt = attempt;
        // a socket's path must be short, and the scratch folder's seldom is
        this.socket = Files.createTempDirectory("upkeep");
        Files.createDirectories(data);
        account.own(socket);
        account.own(data);
    }

    /** Makes an empty cluster with this superuser. */
    void initialise(String superuser) {
        ProgramOrder order = asServer(
                "initdb",
                List.of(
                        "--pgdata=" + data,
                        "--username=" + superuser,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"));
        try (Program initdb = Program.start(order)) {
            initdb.await(START);
        }
    }

    /** Starts it and waits until it takes connections; a server in recovery takes them when it is consistent. */
    void start(Map<String, String> settings, String superuser) {
        Map<String, String> all = new TreeMap<>(Map.of(
                "listen_addresses", "",
                "unix_socket_directories", socket.toString(),
                "port", "5432",
                "fsync", "off",
                "full_page_writes", "off",
                "max_wal_size", "4GB",
                "archive_mode", "off",
                "ssl", "off",
                "hba_file", hba().toString()));
        all.putAll(settings);
        List<String> arguments = new ArrayList<>(List.of("-D", data.toString()));
        all.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
        Program started = Program.start(asServer("postgres", arguments));
        server = started;
        long end = System.nanoTime() + START.toNanos();
        while (!answers(superuser)) {
            if (!started.isAlive()) {
                throw new Failure(Code.TOOL_FAILED, "the spare server did not start: " + started.complaints());
            }
            if (System.nanoTime() > end || attempt.stop().isPresent()) {
                throw new Failure(Code.TOOL_FAILED, "the spare server was not ready in time: " + started.complaints());
            }
            attempt.yieldToApplication(Duration.ZERO, LOOK);
            Program.pause(LOOK);
        }
    }

    private Path hba() {
        Path file = socket.resolve("hba.conf");
        try {
            Files.writeString(file, "local all all trust\n");
            account.own(socket);
        } catch (IOException e) {
            throw new Failure(Code.STORE_UNAVAILABLE, file + " cannot be written: " + e.getMessage(), e);
        }
        return file;
    }

    private boolean answers(String superuser) {
        try (Program ready = Program.start(ProgramOrder.of(
                client.program("psql"),
                List.of("-X", "-q", "-t", "-c", "SELECT 1"),
                environment(superuser, "template1")))) {
            return ready.status(Duration.ofSeconds(10)) == 0;
        }
    }

    boolean isRunning() {
        return server != null && server.isAlive();
    }

    /** What it wrote to its log. */
    String log() {
        return server == null ? "" : server.complaints();
    }

    /** How clients reach one of its databases. */
    Map<String, String> environment(String superuser, String database) {
        return Map.of(
                "PGHOST",
                socket.toString(),
                "PGPORT",
                "5432",
                "PGUSER",
                superuser,
                "PGDATABASE",
                database,
                "PGAPPNAME",
                "upkeep drill");
    }

    /** Runs SQL by psql, and gives what it printed, unadorned. */
    String sql(String superuser, String database, String sql) throws IOException {
        ProgramOrder order = ProgramOrder.of(
                client.program("psql"),
                List.of("-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-f", "-"),
                environment(superuser, database));
        try (Program psql = Program.start(order)) {
            Feed feed = Feed.start(
                    new java.io.ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)), psql.input(), "psql");
            String text = new String(psql.output().readNBytes(1024 * 1024), StandardCharsets.UTF_8);
            psql.await(START);
            feed.join();
            return text.strip();
        }
    }

    private ProgramOrder asServer(String program, List<String> arguments) {
        return new ProgramOrder(
                client.program(program), arguments, Map.of(), List.of(), account.privileges(data), true);
    }

    /** Stops it in good order, so that its data can be used by another server. */
    void stopInGoodOrder() {
        Program running = server;
        if (running == null) {
            return;
        }
        running.interrupt();
        running.status(STOP);
        server = null;
    }

    @Override
    public void close() throws IOException {
        try (Program running = server) {
            Optional.ofNullable(running).ifPresent(Program::stop);
        } finally {
            BackupFolder.deleteTree(socket);
        }
    }
}
