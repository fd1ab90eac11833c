package dev.upkeep.executor.operation.checkpoint;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.Checkpoint.Mode;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.HolderProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqliteCheckpointTest {
    private final SqliteCheckpoint checkpoint = new SqliteCheckpoint();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void fillTheLog() throws Exception {
        file = folder.resolve("queue.db");
        application = new Application(file)
                .run("PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0")
                .fill("t", 5_000);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void movesAllPagesInEveryMode(Mode mode) throws Exception {
        Done done = checkpoint.perform(order(task(mode, "PT1S")), application.database(), attempt);

        Checkpoint.Report report = (Checkpoint.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.complete()).isTrue();
        assertThat(report.movedPages()).isEqualTo(report.walPages()).isGreaterThan(100);
        assertThat(report.walBytesAfter()).isEqualTo(mode == Mode.TRUNCATE ? 0 : report.walBytesBefore());
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void namesTheProcessThatHoldsTheLogBackInEveryMode(Mode mode) throws Exception {
        try (HolderProcess reader = new HolderProcess(file, "BEGIN", "SELECT * FROM t")) {
            application.fill("t", 1_000);

            Done done = checkpoint.perform(order(task(mode, "PT0.3S")), application.database(), attempt);

            assertThat(done.findings()).singleElement().satisfies(finding -> {
                assertThat(finding.check()).isEqualTo("checkpoint-held-back");
                assertThat(finding.advice()).contains("process " + reader.pid(), "(java) reads");
            });
            if (mode == Mode.PASSIVE) {
                assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
            } else {
                assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
                assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.BUSY);
                assertThat(done.reason().orElseThrow().message()).contains("process " + reader.pid(), "(java) reads");
            }
        }
        Done freed = checkpoint.perform(order(task(mode, "PT1S")), application.database(), attempt);

        assertThat(freed.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(freed.findings()).isEmpty();
    }

    @Test
    void doesNotHoldTheApplicationUpWhileItWaitsForAReader() throws Exception {
        try (HolderProcess reader = new HolderProcess(file, "BEGIN", "SELECT * FROM t")) {
            application.fill("t", 1_000).run("PRAGMA busy_timeout = 200");
            attempt.whenYielding(() -> write("INSERT INTO t (text) VALUES ('while waiting')"));

            Done done = checkpoint.perform(order(task(Mode.FULL, "PT1S")), application.database(), attempt);

            assertThat(reader.pid()).isPositive();
            assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
            assertThat(application.number("SELECT count(*) FROM t WHERE text = 'while waiting'"))
                    .isEqualTo(attempt.yields())
                    .isGreaterThan(2);
        }
    }

    @Test
    void changesNothingOnADryRun() throws Exception {
        long before = Files.size(Path.of(file + "-wal"));

        Done done = checkpoint.perform(dryRun(task(Mode.TRUNCATE, "PT1S")), application.database(), attempt);

        assertThat(Files.size(Path.of(file + "-wal"))).isEqualTo(before);
        assertThat(((Checkpoint.Report) done.report().orElseThrow()).walBytesBefore())
                .isEqualTo(before);
    }

    @Test
    void findsNothingToDoInAFileWithoutALog() throws Exception {
        application.run("PRAGMA journal_mode = DELETE");

        Done done = checkpoint.perform(order(task(Mode.TRUNCATE, "PT1S")), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(application.text("PRAGMA journal_mode")).isEqualTo("delete");
    }

    private void write(String sql) {
        try {
            application.run(sql);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException("the application's write failed", e);
        }
    }

    private static Checkpoint task(Mode mode, String budget) {
        return new Checkpoint(Optional.of(mode), Optional.of(Duration.parse(budget)));
    }
}
