package dev.upkeep.executor.operation.vacuum;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.task.Vacuum.Mode;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.LockHolders;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteVacuumTest {
    private final SqliteVacuum vacuum = new SqliteVacuum();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("queue.db");
        application = new Application(file);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void givesBackFreePagesWhenThereAreEnough(String journal) throws Exception {
        application.run("PRAGMA journal_mode = " + journal).fill("t", 30_000).run("DELETE FROM t WHERE id % 2 = 0");
        application.run("DELETE FROM t WHERE id < 20000");
        long rows = application.number("SELECT count(*) FROM t");

        Done done = vacuum.perform(order(Vacuum.auto()), application.database(), attempt);

        Vacuum.Report report = (Vacuum.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.bytesAfter()).isLessThan(report.bytesBefore() / 2).isEqualTo(Files.size(file));
        assertThat(application.number("SELECT count(*) FROM t")).isEqualTo(rows);
        assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(application.text("PRAGMA journal_mode")).isEqualToIgnoringCase(journal);
        assertThat(attempt.breakOffs()).isZero();
    }

    @Test
    void leavesAFileAloneThatHasLittleToGiveBack() throws Exception {
        application.fill("t", 30_000).run("DELETE FROM t WHERE id < 1000");

        Done done = vacuum.perform(order(Vacuum.auto()), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(application.number("PRAGMA freelist_count")).isPositive();
    }

    @Test
    void saysOnADryRunWhatWouldBeGivenBackAndChangesNothing() throws Exception {
        application.fill("t", 30_000).run("DELETE FROM t WHERE id < 25000");
        byte[] before = Files.readAllBytes(file);

        Done done = vacuum.perform(dryRun(Vacuum.auto()), application.database(), attempt);

        Vacuum.Report report = (Vacuum.Report) done.report().orElseThrow();
        assertThat(report.bytesAfter()).isLessThan(report.bytesBefore() / 2);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void givesBackPagesInPortionsUpToTheBudget() throws Exception {
        application.run("PRAGMA auto_vacuum = INCREMENTAL").fill("t", 60_000).run("DELETE FROM t WHERE id < 55000");
        long free = application.number("PRAGMA freelist_count");

        Done done = vacuum.perform(order(task(Mode.INCREMENTAL, 1_200)), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(application.number("PRAGMA freelist_count")).isEqualTo(free - 1_200);
        assertThat(attempt.yields()).isEqualTo(3);
    }

    @Test
    void givesBackInPortionsByItselfWhereTheFileAllowsIt() throws Exception {
        application.run("PRAGMA auto_vacuum = INCREMENTAL").fill("t", 60_000).run("DELETE FROM t WHERE id < 55000");

        Done done = vacuum.perform(order(Vacuum.auto()), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(application.number("PRAGMA freelist_count")).isZero();
        assertThat(application.number("PRAGMA auto_vacuum")).isEqualTo(SqliteFigures.INCREMENTAL);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"FREEZE", "INCREMENTAL"})
    void refusesModesThatTheFileDoesNotOffer(Mode mode) throws Exception {
        application.fill("t", 10);

        Done done = vacuum.perform(order(task(mode, 10)), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).startsWith("mode: ");
        assertThat(application.number("PRAGMA auto_vacuum")).isZero();
    }

    @Test
    void refusesTables() throws Exception {
        Vacuum task = new Vacuum(
                List.of(TableName.parse("t")),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        Done done = vacuum.perform(order(task), application.fill("t", 1).database(), attempt);

        assertThat(done.reason().orElseThrow().message()).startsWith("tables: [t] (must be absent");
    }

    @Test
    void leavesALargeFileToAQuietWindow() {
        SqliteFigures large = new SqliteFigures(4096, 1_000_000, 200_000, 0, "wal", 0);

        Duration wait = Rewrite.writersWait(large);

        assertThat(wait).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
        assertThat(Rewrite.tooLong(file, wait).code()).isEqualTo(Code.GUARDRAIL);
    }

    @Test
    void refusesWhenTheDiskHasNoRoomForIt() throws Exception {
        SqliteFigures huge = new SqliteFigures(65_536, 1L << 40, 0, 0, "wal", 0);

        assertThat(Rewrite.noRoom(file, huge).orElseThrow().code()).isEqualTo(Code.DISK_FULL);
        assertThat(Rewrite.noRoom(file, new SqliteFigures(4096, 10, 0, 0, "wal", 0)))
                .isEmpty();
    }

    @Test
    void leavesTheFileAsItWasWhenBrokenOff() throws Exception {
        application.run("PRAGMA journal_mode = WAL").fill("t", 400_000).run("PRAGMA wal_checkpoint(TRUNCATE)");
        byte[] before = Files.readAllBytes(file);
        CompletableFuture<Void> deadline = CompletableFuture.runAsync(() -> {
            while (LockHolders.of(file).who(LockHolders.Kind.WRITES).isEmpty()) {
                Thread.onSpinWait();
            }
            attempt.stop(Stop.DEADLINE);
        });

        Done done = vacuum.perform(order(task(Mode.PLAIN, 1)), application.database(), attempt);

        deadline.join();
        assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.WINDOW_CLOSED);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(application.text("PRAGMA quick_check")).isEqualTo("ok");
    }

    @Test
    void tellsThatOthersHoldTheLock() throws Exception {
        application.fill("t", 30_000).run("DELETE FROM t WHERE id < 25000", "BEGIN IMMEDIATE");
        SqliteVacuum impatient = new SqliteVacuum(Duration.ofMillis(300));

        Done done = impatient.perform(order(Vacuum.auto()), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
        assertThat(done.reason().orElseThrow().message()).contains("VACUUM did not get the lock", "this executor");
    }

    @Test
    void refusesToGoOnWithAFileThatWasReplaced() throws Exception {
        application.run("PRAGMA auto_vacuum = INCREMENTAL").fill("t", 60_000).run("DELETE FROM t WHERE id < 55000");
        Path copy = Files.copy(file, folder.resolve("copy.db"));
        attempt.whenYielding(() -> {
            try {
                Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThatThrownBy(() -> vacuum.perform(order(task(Mode.INCREMENTAL, 600)), application.database(), attempt))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("was replaced by another file");
    }

    private static Vacuum task(Mode mode, int pages) {
        return new Vacuum(
                List.of(),
                Optional.of(mode),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(pages));
    }
}
