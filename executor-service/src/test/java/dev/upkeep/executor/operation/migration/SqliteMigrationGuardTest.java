package dev.upkeep.executor.operation.migration;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.common.task.MigrationGuard.Phase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.HolderProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteMigrationGuardTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("audit.db");
        application = new Application(file).run("PRAGMA journal_mode = WAL").fill("events", 1_000);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void letsAMigrationPassWhenNothingStandsInItsWay() throws Exception {
        Done done = guard(Phase.BEFORE, id -> Optional.of(Application.NOW.minus(DAY)));

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(((MigrationGuard.Report) done.report().orElseThrow()).clear())
                .isTrue();
    }

    @Test
    void demandsARecentVerifiedBackup() throws Exception {
        Done old =
                guard(Phase.BEFORE, id -> Optional.of(Application.NOW.minus(DAY).minusSeconds(1)));
        Done none = guard(Phase.BEFORE, id -> Optional.empty());

        assertThat(old.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(old.findings()).extracting(Finding::check).containsExactly("backup");
        assertThat(none.reason().orElseThrow().message()).contains("backup: there is no verified one");
    }

    @Test
    void namesTheProcessThatKeepsTheWriteLock() throws Exception {
        try (HolderProcess writer = new HolderProcess(file, "BEGIN IMMEDIATE")) {
            Done done = guard(Phase.BEFORE, id -> Optional.of(Application.NOW));

            assertThat(done.reason().orElseThrow().message()).contains("write-lock: process " + writer.pid());
        }
    }

    @Test
    void findsForeignKeysThatTheMigrationBroke() throws Exception {
        application.run(
                "PRAGMA foreign_keys = OFF",
                "CREATE TABLE child (id INTEGER PRIMARY KEY, event_id REFERENCES events (id))",
                "INSERT INTO child (event_id) VALUES (777777)");

        Done done = guard(Phase.AFTER, id -> Optional.empty());

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.findings()).extracting(Finding::check).containsExactly("foreign-keys");
    }

    @Test
    void renewsTheStatisticsAfterwards() throws Exception {
        Done done = guard(Phase.AFTER, id -> Optional.empty());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(application.number("SELECT count(*) FROM sqlite_stat1")).isPositive();
    }

    private Done guard(Phase phase, VerifiedBackups backups) throws Exception {
        MigrationGuard task =
                new MigrationGuard(phase, List.of(TableName.parse("events")), Optional.of(DAY), Optional.empty());
        return new SqliteMigrationGuard(backups, new SqliteAnalyze())
                .perform(order(task), application.database(), new CalmAttempt());
    }
}
