package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import dev.upkeep.executor.operation.backup.PostgresDump.ServerFacts;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A physical backup of the whole server: what pg_basebackup writes as one tar, with a manifest of every file and the
 * write-ahead log that makes it consistent. The server must have one tablespace, and a role that may replicate.
 */
final class PhysicalCopy implements Source {
    private static final Duration END = Duration.ofMinutes(1);
    /** Room for the write-ahead log that the check unpacks. */
    private static final long MOST_LOG = 512L * 1024 * 1024;

    private final PostgresDatabase database;
    private final Attempt attempt;
    private final Pace pace;
    private final Client client;
    private final ServerFacts server;
    private final long serverBytes;

    private PhysicalCopy(
            PostgresDatabase database,
            Attempt attempt,
            Pace pace,
            Client client,
            ServerFacts server,
            long serverBytes) {
        this.database = database;
        this.attempt = attempt;
        this.pace = pace;
        this.client = client;
        this.server = server;
        this.serverBytes = serverBytes;
    }

    static PhysicalCopy of(PostgresDatabase database, Attempt attempt, Pace pace, PostgresClients clients)
            throws SQLException {
        ServerFacts server = ServerFacts.of(database);
        return new PhysicalCopy(
                database, attempt, pace, clients.forServer(server.major()), server, serverBytes(database));
    }

    private static long serverBytes(PostgresDatabase database) throws SQLException {
        try (Connection connection = database.connect("backup");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sum(pg_database_size(oid))::bigint FROM pg_database")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public Method method() {
        return Method.PHYSICAL;
    }

    @Override
    public long sourceBytes() {
        return serverBytes;
    }

    @Override
    public long expectedBytes() {
        return serverBytes;
    }

    @Override
    public long scratchBytes() {
        return Math.min(serverBytes, MOST_LOG);
    }

    @Override
    public Manifest.Versions versions() {
        return new Manifest.Versions(
                server.version(), "pg_basebackup " + client.version(), Optional.of(server.cluster()));
    }

    @Override
    @SuppressWarnings("try") // some resources only have to be closed
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws IOException {
        boolean gentle = pace == Pace.GENTLE;
        List<String> arguments = List.of(
                "--pgdata=-",
                "--format=tar",
                "--wal-method=fetch",
                "--checkpoint=" + (gentle ? "spread" : "fast"),
                // SHA-256 is taken of what is stored; these find a file that was packed wrongly
                "--manifest-checksums=CRC32C",
                "--label=upkeep",
                "--no-password");
        try (LibpqSettings settings = LibpqSettings.of(database, workplace.scratch("pgpass"));
                Program copy = Program.start(new ProgramOrder(
                        client.program("pg_basebackup"),
                        arguments,
                        settings.environment(),
                        settings.secrets(),
                        List.of(),
                        gentle));
                Attempt.Interruption interruption = attempt.onStop(copy::stop)) {
            copy.input().close();
            pump.move(copy.output(), out::write, new Pump.Part("copy", expectedBytes(), 0, 60));
            copy.await(END);
        } catch (Failure e) {
            throw PostgresComplaint.coded(e);
        }
    }

    @Override
    public ContentCheck check() {
        return new PhysicalCheck(client, attempt);
    }
}
