package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A PostgreSQL database as the place of a restore. A new one is filled under a temporary name and renamed when it is equal to
 * the backup; the original is overwritten in one transaction, so that it is either as before or as in the backup, and nobody's session is
 * ended.
 */
final class DatabaseTarget implements Restoring.Target {
    private final PostgresDatabase database;
    private final String name;
    private final boolean isOriginal;
    private final ContentChecks checks;
    private final Safety safety;
    private final Path store;

    DatabaseTarget(
            PostgresDatabase database,
            String name,
            boolean isOriginal,
            ContentChecks checks,
            Safety safety,
            Path store) {
        this.database = database;
        this.name = name;
        this.isOriginal = isOriginal;
        this.checks = checks;
        this.safety = safety;
        this.store = store;
    }

    /** How a safety backup is taken. */
    interface Safety {
        Done take() throws SQLException, IOException;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Reason> refusal(Manifest manifest) throws SQLException {
        if (manifest.method() != Method.LOGICAL) {
            return Optional.of(new Reason(
                    Code.UNSUPPORTED,
                    "backup: " + manifest.name() + " (a physical one is not restored into a database)"));
        }
        return !isOriginal && exists(name)
                ? Optional.of(new Reason(Code.INVALID, "into: " + name + " (exists already; give another name)"))
                : Optional.empty();
    }

    /** The server's disk cannot be seen from here; the store's is on the same host as a rule. */
    @Override
    public long freeBytes() throws IOException {
        return DiskSpace.free(store.toAbsolutePath());
    }

    @Override
    public Done safetyBackup() throws SQLException, IOException {
        return safety.take();
    }

    @Override
    public Contents restore(Drilling.Task task) throws SQLException, IOException {
        DumpLoad load = new DumpLoad(checks.client(task.manifest()), task.attempt(), task.pump());
        try (LibpqSettings settings = LibpqSettings.of(
                database, task.scratch().resolveSibling(task.manifest().name() + ".pgpass" + BackupName.PARTIAL))) {
            if (isOriginal) {
                return overwrite(load, settings, task);
            }
            Partials.dropDatabases(database);
            String temporary = Partials.database(database.id(), name);
            createEmpty(temporary);
            try {
                load.load(settings.environment(), settings.secrets(), temporary, List.of("--no-tablespaces"), task);
                Contents found = load.contentsOf(
                        on(settings, temporary),
                        settings.secrets(),
                        task.manifest().file().contentBytes());
                requireEqual(task.manifest(), found);
                CrashPoint.hit("restore-compared");
                execute("ALTER DATABASE " + DumpLoad.quoted(temporary) + " RENAME TO " + DumpLoad.quoted(name));
                return found;
            } catch (Failure | SQLException | IOException e) {
                execute("DROP DATABASE IF EXISTS " + DumpLoad.quoted(temporary));
                throw e;
            }
        }
    }

    private Contents overwrite(DumpLoad load, LibpqSettings settings, Drilling.Task task) throws IOException {
        new Overwriting(checks.client(task.manifest()), task.attempt(), task.pump())
                .perform(settings.environment(), settings.secrets(), task);
        return load.contentsOf(
                settings.environment(),
                settings.secrets(),
                task.manifest().file().contentBytes());
    }

    private static Map<String, String> on(LibpqSettings settings, String databaseName) {
        Map<String, String> environment = new HashMap<>(settings.environment());
        environment.put("PGDATABASE", databaseName);
        return environment;
    }

    private static void requireEqual(Manifest manifest, Contents found) {
        List<String> differences = manifest.contents()
                .map(expected -> Comparison.differences(expected, found))
                .orElse(List.of());
        if (!differences.isEmpty()) {
            throw new Failure(
                    Code.VERIFICATION_FAILED,
                    "the restored database differs from the backup and was dropped: " + String.join("; ", differences));
        }
    }

    private boolean exists(String databaseName) throws SQLException {
        try (Connection connection = database.connect("restore");
                PreparedStatement statement =
                        connection.prepareStatement("SELECT 1 FROM pg_database WHERE datname = ?")) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Empty, with the encoding and locale of the original. */
    private void createEmpty(String temporary) throws SQLException {
        execute("DROP DATABASE IF EXISTS " + DumpLoad.quoted(temporary));
        String properties;
        try (Connection connection = database.connect("restore");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT format(' TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',"
                                + " pg_encoding_to_char(encoding), datcollate, datctype)"
                                + " FROM pg_database WHERE datname = current_database()")) {
            row.next();
            properties = row.getString(1);
        }
        execute("CREATE DATABASE " + DumpLoad.quoted(temporary) + properties);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect("restore");
                Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '10min'");
            statement.execute(sql);
        }
    }
}
