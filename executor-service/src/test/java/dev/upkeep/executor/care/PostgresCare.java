package dev.upkeep.executor.care;

import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.analyze.PostgresAnalyze;
import dev.upkeep.executor.operation.assess.PostgresAssess;
import dev.upkeep.executor.operation.autovacuum.PostgresTuneAutovacuum;
import dev.upkeep.executor.operation.health.ExecutorThresholds;
import dev.upkeep.executor.operation.health.HealthMemory;
import dev.upkeep.executor.operation.health.PostgresHealth;
import dev.upkeep.executor.operation.index.PostgresEnsureIndexes;
import dev.upkeep.executor.operation.index.PostgresIndexHealth;
import dev.upkeep.executor.operation.integrity.PostgresIntegrityCheck;
import dev.upkeep.executor.operation.lease.PostgresReleaseLeases;
import dev.upkeep.executor.operation.migration.PostgresMigrationGuard;
import dev.upkeep.executor.operation.optimize.PostgresOptimize;
import dev.upkeep.executor.operation.partitions.PostgresMaintainPartitions;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.executor.operation.purge.TestPartitionArchive;
import dev.upkeep.executor.operation.reindex.PostgresReindex;
import dev.upkeep.executor.operation.sessions.PostgresCancelQueries;
import dev.upkeep.executor.operation.sessions.PostgresTerminateIdle;
import dev.upkeep.executor.operation.vacuum.PostgresVacuum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every task that cares for a PostgreSQL database, each at least once, for the tables of {@link #SCHEMA}. */
final class PostgresCare {
    private static final String CREATED = "\\\"created At\\\"";
    private static final String WEIRD = "\\\"Mixed Schema\\\".\\\"Weird Table\\\"";

    /** Names that need quotes, several schemas, partitions, a materialized view, toast, and a table that belongs to an extension. */
    static final List<String> SCHEMA = List.of(
            "CREATE SCHEMA \"Mixed Schema\"",
            "CREATE SCHEMA app",
            "CREATE SCHEMA other",
            "CREATE TABLE \"Mixed Schema\".\"Weird Table\" (\"Select\" bigint PRIMARY KEY, \"created At\" timestamptz, body text)"
                    + " WITH (autovacuum_enabled = off)",
            "INSERT INTO \"Mixed Schema\".\"Weird Table\" SELECT g, now() - g * interval '1 minute', repeat(md5(g::text), 5)"
                    + " FROM generate_series(1, 30000) g",
            "UPDATE \"Mixed Schema\".\"Weird Table\" SET body = repeat(body, 40) WHERE \"Select\" < 50",
            "DELETE FROM \"Mixed Schema\".\"Weird Table\" WHERE \"Select\" % 2 = 0",
            "CREATE TABLE app.queue (id bigint PRIMARY KEY, state text, until timestamptz)",
            "INSERT INTO app.queue SELECT g, 'leased', now() - interval '1 hour' FROM generate_series(1, 20) g",
            "CREATE TABLE other.queue (id bigint PRIMARY KEY, state text, until timestamptz)",
            "INSERT INTO other.queue SELECT g, 'leased', now() - interval '1 hour' FROM generate_series(1, 20) g",
            "CREATE TABLE agg (at timestamptz PRIMARY KEY) PARTITION BY RANGE (at)",
            "CREATE MATERIALIZED VIEW totals AS SELECT \"Select\" % 10 AS bucket, count(*) FROM \"Mixed Schema\".\"Weird Table\" GROUP BY 1",
            "CREATE UNIQUE INDEX \"Totals Key\" ON totals (bucket)",
            "CREATE TABLE owned (id int, n int) WITH (autovacuum_enabled = off)",
            "CREATE INDEX owned_n ON owned (n)",
            "CREATE INDEX owned_n_again ON owned (n)",
            "INSERT INTO owned SELECT g, g FROM generate_series(1, 30000) g",
            "DELETE FROM owned WHERE id % 20 <> 0",
            "ALTER EXTENSION plpgsql ADD TABLE owned");

    /** The tasks as requests would have them, in an order that makes sense. */
    static final List<String> TASKS = Stream.of(
                    "{'type': 'health-check', 'profile': 'full', 'retention': [{'table': 'WEIRD', 'column': 'CREATED', 'keep': '90d'}]}",
                    "{'type': 'assess', 'exact': true, 'ages': [{'table': 'WEIRD', 'column': 'CREATED'}]}",
                    "{'type': 'index-health'}",
                    "{'type': 'integrity-check', 'depth': 'full'}",
                    "{'type': 'terminate-idle', 'idle': '1h', 'idleInTransaction': '1h'}",
                    "{'type': 'cancel-queries', 'activeFor': '1h'}",
                    "{'type': 'migration-guard', 'phase': 'before', 'tables': ['WEIRD']}",
                    "{'type': 'tune-autovacuum', 'tables': [{'table': 'WEIRD', 'parameters': {'autovacuum_vacuum_scale_factor': '0.02'}}]}",
                    "{'type': 'ensure-indexes', 'indexes': [{'table': 'WEIRD', 'columns': ['CREATED']}]}",
                    "{'type': 'maintain-partitions', 'table': 'agg', 'interval': 'month', 'ahead': 1}",
                    "{'type': 'release-leases', 'table': 'app.queue', 'state': 'state', 'leased': 'leased', 'ready': 'ready', 'expires': 'until'}",
                    "{'type': 'analyze', 'onlyModified': true}",
                    "{'type': 'analyze'}",
                    "{'type': 'vacuum'}",
                    "{'type': 'vacuum', 'mode': 'plain', 'analyze': true}",
                    "{'type': 'vacuum', 'mode': 'freeze'}",
                    "{'type': 'vacuum', 'mode': 'full', 'tables': ['WEIRD']}",
                    "{'type': 'reindex', 'tables': ['WEIRD', 'totals']}",
                    "{'type': 'reindex', 'leastBloatShare': 0.3, 'leastBloatBytes': 8192}",
                    "{'type': 'optimize', 'depth': 'full'}",
                    "{'type': 'migration-guard', 'phase': 'after'}")
            .map(json -> json.replace('\'', '"').replace("WEIRD", WEIRD).replace("CREATED", CREATED))
            .toList();

    private static final Map<Class<?>, Operation<?, PostgresDatabase>> OPERATIONS =
            Stream.<Operation<?, PostgresDatabase>>of(
                            new PostgresHealth(ExecutorThresholds.none(), new HealthMemory(), Optional.empty()),
                            new PostgresAssess(),
                            new PostgresAnalyze(),
                            new PostgresVacuum(),
                            new PostgresReindex(),
                            new PostgresIndexHealth(),
                            new PostgresEnsureIndexes(),
                            new PostgresIntegrityCheck(),
                            new PostgresOptimize(),
                            new PostgresReleaseLeases(),
                            new PostgresTuneAutovacuum(),
                            new PostgresMaintainPartitions(TestPartitionArchive.in(Path.of("archives"))),
                            new PostgresMigrationGuard(Optional.of(id -> Optional.of(Instant.now()))),
                            new PostgresTerminateIdle(),
                            new PostgresCancelQueries())
                    .collect(Collectors.toMap(Operation::task, Function.identity()));

    private PostgresCare() {}

    static Task task(String json) throws Unreadable {
        return Wire.read(json.getBytes(StandardCharsets.UTF_8), Task.class);
    }

    /** Does a task. */
    static Done perform(PostgresFixture database, Task task) throws SQLException, IOException {
        Operation<?, PostgresDatabase> operation = OPERATIONS.get(task.getClass());
        if (operation == null) {
            throw new IllegalStateException("no operation for " + task.name());
        }
        return perform(database, operation, task);
    }

    private static <T extends Task> Done perform(
            PostgresFixture database, Operation<T, PostgresDatabase> operation, Task task)
            throws SQLException, IOException {
        return database.perform(operation, operation.task().cast(task));
    }
}
