package dev.upkeep.executor.care;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
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
import dev.upkeep.executor.operation.sqlite.CalmAttempt;
import dev.upkeep.executor.operation.vacuum.SqliteVacuum;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application with the usual wait of 5 s writes every few milliseconds while each task runs: none of its writes fails. */
class BusyApplicationTest {
    private static final TableName EVENTS = TableName.parse("events");
    private static final ColumnName AT = ColumnName.parse("at");
    private static final Duration BETWEEN_WRITES = Duration.ofMillis(2);

    private final SqliteAnalyze analyze = new SqliteAnalyze();
    private final SqliteCheckpoint checkpoint = new SqliteCheckpoint();
    private final SqliteVacuum vacuum = new SqliteVacuum();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void noWriteFailsWhateverTaskRuns(String journal) throws Exception {
        Path file = folder.resolve("busy.db");
        try (Application application = new Application(file)) {
            application
                    .run("PRAGMA journal_mode = " + journal, "PRAGMA synchronous = NORMAL")
                    .fill("events", 100_000)
                    .run(
                            "DELETE FROM events WHERE id % 3 = 0",
                            "CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT, until INTEGER)",
                            "INSERT INTO queue (state, until) SELECT 'leased', 1 FROM events LIMIT 5000");
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicInteger writes = new AtomicInteger();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(file, isOver, writes));

            try {
                everyTask(application.database(), writes);
            } finally {
                isOver.set(true);
                writing.join();
            }

            assertThat(application.number("SELECT count(*) FROM events WHERE text = 'while busy'"))
                    .isEqualTo(writes.get());
            assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(application.text("PRAGMA journal_mode")).isEqualToIgnoringCase(journal);
        }
    }

    private void everyTask(SqliteDatabase database, AtomicInteger writes) throws Exception {
        run(
                new SqliteHealth(ExecutorThresholds.none(), new HealthMemory(), id -> Optional.empty()),
                health(),
                database);
        run(new SqliteAssess(), new Assess(List.of(), true, List.of(new TimeColumn(EVENTS, AT))), database);
        run(analyze, new Analyze(List.of(), false), database);
        run(checkpoint, checkpoint(Checkpoint.Mode.RESTART), database);
        run(checkpoint, checkpoint(Checkpoint.Mode.TRUNCATE), database);
        run(new SqliteEnsureIndexes(), index(), database);
        run(new SqliteReindex(), new Reindex(List.of(), List.of(), true, Optional.empty(), Optional.empty()), database);
        run(new SqliteReleaseLeases(), leases(), database);
        run(
                new SqliteIntegrityCheck(),
                new IntegrityCheck(Optional.of(IntegrityCheck.Depth.FULL), List.of()),
                database);
        run(
                new SqliteMigrationGuard(id -> Optional.empty(), analyze),
                new MigrationGuard(MigrationGuard.Phase.AFTER, List.of(), Optional.empty(), Optional.empty()),
                database);
        run(vacuum, Vacuum.auto(), database);
        run(new SqliteOptimize(checkpoint, analyze, vacuum), new Optimize(Optional.of(Optimize.Depth.FULL)), database);
        await().atMost(Duration.ofSeconds(30)).until(() -> writes.get() > 100);
    }

    private static <T extends Task> void run(Operation<T, SqliteDatabase> operation, T task, SqliteDatabase database)
            throws Exception {
        Done done = operation.perform(order(task), database, new CalmAttempt());

        assertThat(done.outcome())
                .as("%s: %s", task.name(), done.reason())
                .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO, Outcome.CONTENDED);
    }

    private static void write(Path file, AtomicBoolean isOver, AtomicInteger writes) {
        try (Application application = new Application(file)) {
            application.run("PRAGMA synchronous = NORMAL");
            while (!isOver.get()) {
                application.run("INSERT INTO events (at, text) VALUES ('2026-11-21T02:00:00Z', 'while busy')");
                writes.incrementAndGet();
                LockSupport.parkNanos(BETWEEN_WRITES.toNanos());
            }
        } catch (SQLException | java.io.IOException e) {
            throw new IllegalStateException("the application's write failed after " + writes, e);
        }
    }

    private static HealthCheck health() {
        return new HealthCheck(Optional.of(HealthCheck.Profile.FULL), Map.of());
    }

    private static Checkpoint checkpoint(Checkpoint.Mode mode) {
        return new Checkpoint(Optional.of(mode), Optional.of(Duration.ofSeconds(5)));
    }

    private static EnsureIndexes index() {
        return new EnsureIndexes(
                List.of(new EnsureIndexes.Wanted(EVENTS, List.of(ColumnName.parse("text")), false, Optional.empty())));
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
