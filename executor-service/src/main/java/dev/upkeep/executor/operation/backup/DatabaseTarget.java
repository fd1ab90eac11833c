package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Restore;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A PostgreSQL database as the place of a restore. A new one is filled under a temporary name and renamed when it is equal to
 * the backup; the original is overwritten in one transaction, so that it is either as before or as in the backup, and nobody's session is
 * ended.
 */
final class DatabaseTarget implements Restoring.Target {
    /** By way of JSON, since versions differ in the columns that they have. */
    private static final String PROPERTIES = """
            SELECT format(' TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
                          pg_encoding_to_char(encoding), datcollate, datctype)
                || CASE facts ->> 'datlocprovider'
                     WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
                                          coalesce(facts ->> 'datlocale', facts ->> 'daticulocale'))
                     WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', facts ->> 'datlocale')
                     WHEN 'c' THEN ' LOCALE_PROVIDER libc'
                     ELSE '' END
                || coalesce(' ICU_RULES ' || quote_literal(facts ->> 'daticurules'), '')
            FROM pg_database d, to_jsonb(d) facts WHERE datname = current_database()""";

    private final PostgresDatabase database;
    private final String name;
    private final Restore order;
    private final ContentChecks checks;
    private final Safety safety;
    private final Path store;
    private List<String> rolesMade = List.of();

    DatabaseTarget(
            PostgresDatabase database, String name, Restore order, ContentChecks checks, Safety safety, Path store) {
        this.database = database;
        this.name = name;
        this.order = order;
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
        if ((order.globals() || order.jobs().isPresent()) && !BackupName.isDumpTar(manifest.name())) {
            return Optional.of(new Reason(
                    Code.UNSUPPORTED,
                    "jobs, globals: given (" + manifest.name()
                            + " is one file without roles; take a backup with jobs or globals)"));
        }
        return !order.overOriginal() && exists(name)
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
            if (!BackupName.isDumpTar(task.manifest().name())) {
                return restore(load, settings, task, Optional.empty());
            }
            try (DumpTar dump = DumpTar.of(task, checks.client(task.manifest()), task.attempt(), task.pump())) {
                if (order.globals()) {
                    makeRoles(dump, task.manifest());
                }
                return restore(load, settings, task, Optional.of(dump));
            }
        }
    }

    private Contents restore(DumpLoad load, LibpqSettings settings, Drilling.Task task, Optional<DumpTar> dump)
            throws SQLException, IOException {
        if (order.overOriginal()) {
            return overwrite(load, settings, task, dump);
        }
        Partials.dropDatabases(database);
        String temporary = Partials.database(database.id(), name);
        createEmpty(temporary);
        try {
            List<String> arguments = List.of("--no-tablespaces");
            if (dump.isPresent()) {
                load.load(
                        settings.environment(),
                        settings.secrets(),
                        temporary,
                        arguments,
                        dump.get(),
                        order.jobs().orElse(1));
            } else {
                load.load(settings.environment(), settings.secrets(), temporary, arguments, task);
            }
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

    /** In one transaction: all that the server lacks, or none. */
    private void makeRoles(DumpTar dump, Manifest manifest) throws SQLException, IOException {
        String script = dump.roles()
                .orElseThrow(() -> new Failure(
                        Code.BACKUP_MISSING,
                        "globals: true (" + manifest.name() + " holds no roles; take a backup with globals)"));
        try (Connection connection = database.connect("restore");
                Statement statement = connection.createStatement()) {
            Set<String> existing = new HashSet<>();
            try (ResultSet rows = statement.executeQuery("SELECT quote_ident(rolname) FROM pg_roles")) {
                while (rows.next()) {
                    existing.add(rows.getString(1));
                }
            }
            Roles roles = Roles.lacking(script, existing);
            connection.setAutoCommit(false);
            for (String sql : roles.statements()) {
                statement.execute(sql);
            }
            connection.commit();
            rolesMade = roles.made();
        }
    }

    @Override
    public List<Finding> remarks() {
        return rolesMade.isEmpty()
                ? List.of()
                : List.of(new Finding(
                        "restore-roles-made",
                        Severity.INFO,
                        name,
                        rolesMade.size() + " roles were made: "
                                + String.join(", ", rolesMade.subList(0, Math.min(20, rolesMade.size()))),
                        "on the server before",
                        "policy",
                        "give those a password that need one, unless the backup was taken with passwords"));
    }

    private Contents overwrite(DumpLoad load, LibpqSettings settings, Drilling.Task task, Optional<DumpTar> dump)
            throws IOException {
        new Overwriting(checks.client(task.manifest()), task.attempt(), task.pump())
                .perform(settings.environment(), settings.secrets(), task, dump);
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
                ResultSet row = statement.executeQuery(PROPERTIES)) {
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
