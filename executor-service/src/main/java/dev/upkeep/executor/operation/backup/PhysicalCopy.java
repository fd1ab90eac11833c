package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * A physical backup of the whole server: what pg_basebackup writes as one tar, with a manifest of every file and the
 * write-ahead log that makes it consistent. The server must have one tablespace, and a role that may replicate.
 */
final class PhysicalCopy implements Source {
    private static final Duration END = Duration.ofMinutes(1);
    /** Room for the write-ahead log that the check unpacks. */
    private static final long MOST_LOG = 512L * 1024 * 1024;

    private final PostgresOrigin origin;
    private final long serverBytes;

    private PhysicalCopy(PostgresOrigin origin, long serverBytes) {
        this.origin = origin;
        this.serverBytes = serverBytes;
    }

    static PhysicalCopy of(PostgresOrigin origin) throws SQLException {
        return new PhysicalCopy(origin, serverBytes(origin.database()));
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
        return origin.versions("pg_basebackup");
    }

    @Override
    @SuppressWarnings("try") // some resources only have to be closed
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws IOException {
        List<String> arguments = List.of(
                "--pgdata=-",
                "--format=tar",
                "--wal-method=fetch",
                "--checkpoint=" + (origin.isGentle() ? "spread" : "fast"),
                // SHA-256 is taken of what is stored; these find a file that was packed wrongly
                "--manifest-checksums=CRC32C",
                "--label=upkeep",
                "--no-password");
        try (LibpqSettings settings = LibpqSettings.of(origin.database(), workplace.scratch("pgpass"));
                Program copy = Program.start(origin.order("pg_basebackup", arguments, settings));
                Attempt.Interruption interruption = origin.attempt().onStop(copy::stop)) {
            copy.input().close();
            pump.move(copy.output(), out::write, new Pump.Part("copy", expectedBytes(), 0, 60));
            copy.await(END);
        } catch (Failure e) {
            throw PostgresComplaint.coded(e);
        }
    }

    @Override
    public ContentCheck check() {
        return new PhysicalCheck(origin.client(), origin.attempt());
    }
}
