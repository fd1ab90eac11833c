package dev.upkeep.executor.care;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application with the usual wait of 5 s writes every few milliseconds while each task runs: none of its writes fails. */
class BusyApplicationTest {
    private static final Duration BETWEEN_WRITES = Duration.ofMillis(2);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void noWriteFailsWhateverTaskRuns(String journal) throws Exception {
        Path file = folder.resolve("busy.db");
        try (Application application = SqliteCare.fill(file, journal, 100_000)) {
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

    private static void everyTask(SqliteDatabase database, AtomicInteger writes) throws Exception {
        for (Map.Entry<String, SqliteCare.Doing> task : new SqliteCare().tasks().entrySet()) {
            Done done = task.getValue().on(database, new CalmAttempt());

            assertThat(done.outcome())
                    .as("%s: %s", task.getKey(), done.reason())
                    .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO, Outcome.CONTENDED);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> writes.get() > 100);
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
}
