package dev.upkeep.executor.operation.optimize;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.common.task.Optimize.Depth;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.checkpoint.SqliteCheckpoint;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.vacuum.SqliteVacuum;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteOptimizeTest {
    private final SqliteOptimize optimize =
            new SqliteOptimize(new SqliteCheckpoint(), new SqliteAnalyze(), new SqliteVacuum());
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("queue.db");
        application = new Application(file)
                .run("PRAGMA journal_mode = WAL")
                .fill("t", 30_000)
                .run("DELETE FROM t WHERE id < 25000");
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void quicklyAnalyzesWhatWasModified() throws Exception {
        Done done = optimize.perform(order(new Optimize(Optional.empty())), application.database(), attempt);
        Done again = optimize.perform(order(new Optimize(Optional.empty())), application.database(), attempt);

        assertThat(((Optimize.Report) done.report().orElseThrow()).steps()).containsExactly("analyze succeeded");
        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void fullyCheckpointsAnalyzesAndVacuums() throws Exception {
        Done done = optimize.perform(order(new Optimize(Optional.of(Depth.FULL))), application.database(), attempt);

        Optimize.Report report = (Optimize.Report) done.report().orElseThrow();
        assertThat(report.steps()).containsExactly("checkpoint succeeded", "analyze succeeded", "vacuum succeeded");
        assertThat(report.bytesAfter()).isLessThan(report.bytesBefore() / 2).isEqualTo(Files.size(file));
    }

    @Test
    void changesNothingOnADryRun() throws Exception {
        long before = application.number("PRAGMA freelist_count");

        Done done = optimize.perform(dryRun(new Optimize(Optional.of(Depth.FULL))), application.database(), attempt);

        assertThat(((Optimize.Report) done.report().orElseThrow()).steps()).hasSize(3);
        assertThat(application.number("PRAGMA freelist_count")).isEqualTo(before);
    }
}
