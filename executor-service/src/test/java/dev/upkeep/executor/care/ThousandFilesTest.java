package dev.upkeep.executor.care;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.HealthCheck.Limits;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.health.ExecutorThresholds;
import dev.upkeep.executor.operation.health.HealthMemory;
import dev.upkeep.executor.operation.health.SqliteHealth;
import dev.upkeep.executor.operation.sqlite.Application;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThousandFilesTest {
    private static final Logger LOG = Logger.getLogger(ThousandFilesTest.class);
    private static final int FILES = 1_000;
    private static final HealthCheck QUICK = new HealthCheck(
            Optional.of(HealthCheck.Profile.QUICK),
            Map.of("disk-used", new Limits(Optional.of(2.0), Optional.of(2.0))));

    @TempDir
    Path folder;

    @Test
    void looksAtAThousandFilesWithoutKeepingAnythingOpenOrLeavingAnythingBehind() throws Exception {
        Path first = folder.resolve("0.db");
        try (Application application = new Application(first)) {
            application.run("PRAGMA journal_mode = WAL").fill("events", 500);
        }
        for (int i = 1; i < FILES; i++) {
            Files.copy(first, folder.resolve(i + ".db"));
        }
        SqliteHealth health = new SqliteHealth(ExecutorThresholds.none(), new HealthMemory(), id -> Optional.empty());
        look(health, 0);
        long descriptors = descriptors();
        long heap = heap();
        long begin = System.nanoTime();

        for (int i = 0; i < FILES; i++) {
            Done done = look(health, i);

            assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
            assertThat(done.findings()).isEmpty();
        }

        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        LOG.infof(
                "%d files: %d ms, descriptors %d before and %d after, heap %d KiB more",
                FILES, took.toMillis(), descriptors, descriptors(), (heap() - heap) / 1024);
        assertThat(took).isLessThan(Duration.ofMinutes(3));
        assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 2);
        assertThat(heap() - heap).isLessThan(8L * 1024 * 1024);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.count()).isEqualTo(FILES);
        }
    }

    private Done look(SqliteHealth health, int number) throws Exception {
        SqliteDatabase database = new SqliteDatabase(
                new DatabaseId("apps/" + number + ".db"),
                Map.of(),
                folder.resolve(number + ".db"),
                Optional.of(folder));
        return health.perform(order(QUICK), database, new CalmAttempt());
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
