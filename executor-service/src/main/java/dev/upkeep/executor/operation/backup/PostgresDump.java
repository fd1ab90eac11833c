package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A logical backup: what pg_dump writes in its custom format, uncompressed, through a pipe. */
final class PostgresDump implements Source {
    private static final Duration END = Duration.ofSeconds(30);
    private static final List<String> ARGUMENTS = List.of(
            // no one is kept waiting behind us for long when a schema change holds a table
            "--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=30000");

    private final PostgresDatabase database;
    private final Attempt attempt;
    private final boolean gentle;
    private final Client client;
    private final ServerFacts server;

    private PostgresDump(PostgresDatabase database, Attempt attempt, Pace pace, Client client, ServerFacts server) {
        this.database = database;
        this.attempt = attempt;
        this.gentle = pace == Pace.GENTLE;
        this.client = client;
        this.server = server;
    }

    /** Looks at the server, and for a client that fits it. */
    static PostgresDump of(PostgresDatabase database, Attempt attempt, Pace pace, PostgresClients clients)
            throws SQLException {
        ServerFacts server = ServerFacts.of(database);
        return new PostgresDump(database, attempt, pace, clients.forServer(server.major()), server);
    }

    /** What must be known of a server before it is backed up. */
    record ServerFacts(int major, String version, long databaseBytes, long tableBytes, Manifest.Cluster cluster) {
        private static final int MOST_ROLES = 5_000;
        private static final String ROLES =
                "SELECT rolname, oid = 10 FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1 LIMIT " + MOST_ROLES;
        private static final String QUERY = """
                SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'),
                       pg_database_size(current_database()),
                       (SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class
                        WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND oid >= 16384)""";

        static ServerFacts of(PostgresDatabase database) throws SQLException {
            try (Connection connection = database.connect("backup");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(QUERY)) {
                row.next();
                return new ServerFacts(
                        row.getInt(1), row.getString(2), row.getLong(3), row.getLong(4), cluster(connection, database));
            }
        }

        private static Manifest.Cluster cluster(Connection connection, PostgresDatabase database) throws SQLException {
            List<String> roles = new ArrayList<>();
            String superuser = database.user();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(ROLES)) {
                while (rows.next()) {
                    roles.add(rows.getString(1));
                    superuser = rows.getBoolean(2) ? rows.getString(1) : superuser;
                }
            }
            return new Manifest.Cluster(database.address().database(), superuser, roles);
        }
    }

    @Override
    public Method method() {
        return Method.LOGICAL;
    }

    @Override
    public long sourceBytes() {
        return server.databaseBytes();
    }

    @Override
    public long expectedBytes() {
        return server.tableBytes();
    }

    @Override
    public Manifest.Versions versions() {
        return new Manifest.Versions(server.version(), "pg_dump " + client.version(), Optional.of(server.cluster()));
    }

    @Override
    public void prepare() throws SQLException {
        Partials.dropDatabases(database);
    }

    @SuppressWarnings("try") // some resources only have to be closed
    @Override
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws IOException {
        try (LibpqSettings settings = LibpqSettings.of(database, workplace.scratch("pgpass"));
                Program dump = Program.start(new ProgramOrder(
                        client.program("pg_dump"),
                        ARGUMENTS,
                        settings.environment(),
                        settings.secrets(),
                        List.of(),
                        gentle));
                Attempt.Interruption interruption = attempt.onStop(dump::stop)) {
            dump.input().close();
            pump.move(dump.output(), out::write, new Pump.Part("dump", expectedBytes(), 0, 70));
            dump.await(END);
        } catch (Failure e) {
            throw PostgresComplaint.coded(e);
        }
    }

    @Override
    public ContentCheck check() {
        return new DumpCheck(client, attempt);
    }
}
