package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A database of one engine, its application's connection, and the purge under test. */
abstract class Site implements AutoCloseable {
    static final DatabaseId ID = new DatabaseId("app");
    /** The command's asOf; 90 days before it is 2026-08-23T02:00:00Z. */
    static final Instant AS_OF = Instant.parse("2026-11-21T02:00:00Z");

    final Path directory;
    private final Map<String, String> settings = new TreeMap<>();
    Optional<Instant> backup = Optional.empty();
    ArchiveStore archives = ArchiveStore.none();

    Site(Path directory) {
        this.directory = directory;
        forgetSettings();
    }

    final void forgetSettings() {
        settings.clear();
        settings.put("upkeep.purge.directory", directory.toString());
        settings.put("upkeep.purge.max-share", "1");
    }

    /** Sets a key of {@code upkeep.purge}. */
    Site with(String key, String value) {
        settings.put("upkeep.purge." + key, value);
        return this;
    }

    /** Writes the secret keys of these pairs as age-keygen does. */
    static Path identity(Path folder, KeyPair... pairs) throws IOException {
        StringBuilder lines = new StringBuilder("# created: today\n");
        for (KeyPair pair : pairs) {
            lines.append("# public key: age1…\n").append(pair.getPrivate()).append('\n');
        }
        Path file = Files.createTempFile(folder, "identity", ".txt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(file, lines);
    }

    final Map<String, String> settings() {
        return Map.copyOf(settings);
    }

    PurgeConfig config() {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withMapping(PurgeConfig.class);
        settings.forEach(builder::withDefaultValue);
        return builder.addDiscoveredConverters().build().getConfigMapping(PurgeConfig.class);
    }

    abstract Connection application() throws SQLException;

    abstract Done perform(Order<Purge> order, Attempt attempt) throws Exception;

    abstract Done restore(Order<RestorePurged> order, Attempt attempt) throws Exception;

    Done restore(String receipt) throws Exception {
        return restore(
                new Order<>(new CommandId("back"), new RestorePurged(receipt), AS_OF, false, Optional.empty()),
                new FreeAttempt());
    }

    /** The engine's words for {@code ${time}}, {@code ${key}} and the like. */
    abstract String translated(String sql);

    Done purge(Purge purge) throws Exception {
        return perform(order(purge, AS_OF), new FreeAttempt());
    }

    Done dryRun(Purge purge) throws Exception {
        return perform(new Order<>(new CommandId("look"), purge, AS_OF, true, Optional.empty()), new FreeAttempt());
    }

    static Order<Purge> order(Purge purge, Instant asOf) {
        return new Order<>(new CommandId("clean/app@" + asOf), purge, asOf, false, Optional.empty());
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = application().createStatement()) {
            for (String sql : statements) {
                statement.execute(translated(sql));
            }
        }
    }

    /** The first column of each row, as text. */
    List<String> column(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = application().createStatement();
                ResultSet rows = statement.executeQuery(translated(sql))) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    static Purge.Rule rule(String table, String column) {
        return new Purge.Rule(
                dev.upkeep.common.id.TableName.parse(table),
                dev.upkeep.common.id.ColumnName.parse(column),
                Duration.ofDays(90),
                Optional.empty(),
                List.of());
    }

    static Purge of(Purge.Rule... rules) {
        return new Purge(
                List.of(rules),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Purge.Pace.FAST),
                false,
                Optional.empty());
    }

    static Purge archiving(Purge.Rule... rules) {
        return archiving(Purge.Archive.JSON_LINES, rules);
    }

    static Purge archiving(Purge.Archive format, Purge.Rule... rules) {
        return new Purge(
                List.of(rules),
                Optional.of(format),
                Optional.empty(),
                Optional.of(Purge.Pace.FAST),
                false,
                Optional.empty());
    }

    static Purge.Report report(Done done) {
        return (Purge.Report) done.report().orElseThrow();
    }

    /** Rows by table's bare name, tables with none left out. */
    static Map<String, Long> rows(Done done) {
        Map<String, Long> rows = new TreeMap<>();
        report(done).tables().forEach(table -> {
            if (table.rows() > 0) {
                rows.put(table.table().table(), table.rows());
            }
        });
        return rows;
    }

    @Override
    public abstract void close() throws SQLException;
}
