package dev.upkeep.executor.care;

import static dev.upkeep.executor.operation.sqlite.Application.order;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.assess.SqliteAssess;
import dev.upkeep.executor.operation.checkpoint.SqliteCheckpoint;
import dev.upkeep.executor.operation.health.ExecutorThresholds;
import dev.upkeep.executor.operation.health.HealthMemory;
import dev.upkeep.executor.operation.health.SqliteHealth;
import dev.upkeep.executor.operation.index.SqliteEnsureIndexes;
import dev.upkeep.executor.operation.integrity.SqliteIntegrityCheck;
import dev.upkeep.executor.operation.lease.SqliteReleaseLeases;
import dev.upkeep.executor.operation.migration.SqliteMigrationGuard;
import dev.upkeep.executor.operation.optimize.SqliteOptimize;
import dev.upkeep.executor.operation.reindex.SqliteReindex;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.vacuum.SqliteVacuum;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every task that cares for a SQLite file, ready to be done on one with the tables {@code events} and {@code queue}. */
final class SqliteCare {
    private static final TableName EVENTS = TableName.parse("events");
    private static final ColumnName AT = ColumnName.parse("at");

    /** One task. */
    interface Doing {
        Done on(SqliteDatabase database, Attempt attempt) throws SQLException, IOException;
    }

    private final SqliteAnalyze analyze = new SqliteAnalyze();
    private final SqliteCheckpoint checkpoint = new SqliteCheckpoint();
    private final SqliteVacuum vacuum = new SqliteVacuum();
    private final Map<String, Doing> tasks = new LinkedHashMap<>();

    SqliteCare() {
        add(
                "health-check",
                new SqliteHealth(ExecutorThresholds.none(), new HealthMemory(), id -> Optional.empty()),
                new HealthCheck(Optional.of(HealthCheck.Profile.FULL), Map.of()));
        add("assess", new SqliteAssess(), new Assess(List.of(), true, List.of(new TimeColumn(EVENTS, AT))));
        add("analyze", analyze, new Analyze(List.of(), false));
        add("checkpoint-restart", checkpoint, checkpoint(Checkpoint.Mode.RESTART));
        add("checkpoint-truncate", checkpoint, checkpoint(Checkpoint.Mode.TRUNCATE));
        add(
                "ensure-indexes",
                new SqliteEnsureIndexes(),
                new EnsureIndexes(List.of(
                        new EnsureIndexes.Wanted(EVENTS, List.of(ColumnName.parse("text")), false, Optional.empty()))));
        add(
                "reindex",
                new SqliteReindex(),
                new Reindex(List.of(), List.of(), true, Optional.empty(), Optional.empty()));
        add("release-leases", new SqliteReleaseLeases(), leases());
        add(
                "integrity-check",
                new SqliteIntegrityCheck(),
                new IntegrityCheck(Optional.of(IntegrityCheck.Depth.FULL), List.of()));
        add(
                "migration-guard",
                new SqliteMigrationGuard(id -> Optional.empty(), analyze),
                new MigrationGuard(MigrationGuard.Phase.AFTER, List.of(), Optional.empty(), Optional.empty()));
        add("vacuum", vacuum, Vacuum.auto());
        add(
                "optimize",
                new SqliteOptimize(checkpoint, analyze, vacuum),
                new Optimize(Optional.of(Optimize.Depth.FULL)));
    }

    private <T extends Task> void add(String name, Operation<T, SqliteDatabase> operation, T task) {
        tasks.put(name, (database, attempt) -> operation.perform(order(task), database, attempt));
    }

    /** The tasks by name, in an order that makes sense. */
    Map<String, Doing> tasks() {
        return tasks;
    }

    /** A file that each task finds something to do in. */
    static Application fill(Path file, String journal, int rows) throws SQLException, IOException {
        return new Application(file)
                .run("PRAGMA journal_mode = " + journal, "PRAGMA synchronous = NORMAL")
                .fill("events", rows)
                .run(
                        "DELETE FROM events WHERE id % 3 = 0 OR id < " + rows / 3,
                        "CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT, until INTEGER)",
                        "INSERT INTO queue (state, until) SELECT 'leased', 1 FROM events LIMIT 5000");
    }

    private static Checkpoint checkpoint(Checkpoint.Mode mode) {
        return new Checkpoint(Optional.of(mode), Optional.of(Duration.ofSeconds(1)));
    }

    private static ReleaseLeases leases() {
        return new ReleaseLeases(
                TableName.parse("queue"),
                ColumnName.parse("state"),
                "leased",
                "ready",
                ColumnName.parse("until"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
