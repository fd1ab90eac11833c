package dev.upkeep.executor.operation.lease;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge.TimeFormat;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteReleaseLeasesTest {
    private final SqliteReleaseLeases release = new SqliteReleaseLeases();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Application application;

    @BeforeEach
    void open() throws Exception {
        application = new Application(folder.resolve("queue.db"))
                .run(
                        "PRAGMA journal_mode = WAL",
                        "CREATE TABLE task_queue (id INTEGER PRIMARY KEY, state TEXT, owner TEXT, until, tries INTEGER)");
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unixepoch('2026-11-21 02:00:00', '%s')                                   | EPOCH_SECONDS",
                "unixepoch('2026-11-21 02:00:00', '%s') * 1000                            | EPOCH_MILLIS",
                "strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2026-11-21 02:00:00', '%s')        | ISO_TEXT",
                "strftime('%%Y-%%m-%%d %%H:%%M:%%f', '2026-11-21 02:00:00', '%s')         | ISO_TEXT",
                "strftime('%%Y-%%m-%%dT%%H:%%M:%%S+00:00', '2026-11-21 02:00:00', '%s')   |",
                "unixepoch('2026-11-21 02:00:00', '%s')                                   |",
                "julianday('2026-11-21 02:00:00', '%s')                                   |"
            })
    void putsBackOnlyRowsWhoseLeaseRanOutBeforeTheGrace(String until, TimeFormat format) throws Exception {
        lease(1, until, "-301 seconds");
        lease(2, until, "-299 seconds");
        lease(3, until, "+10 minutes");
        application.run("INSERT INTO task_queue VALUES (4, 'done', 'w', 0, 0), (5, 'leased', 'w', NULL, 0)");

        Done done = release.perform(order(task(Optional.ofNullable(format), false)), application.database(), attempt);

        assertThat(done.report()).contains(new ReleaseLeases.Report(1, 1, 0));
        assertThat(application.text("SELECT group_concat(id) FROM task_queue WHERE state = 'ready' AND owner IS NULL"))
                .isEqualTo("1");
        assertThat(application.number("SELECT count(*) FROM task_queue WHERE owner = 'w'"))
                .isEqualTo(4);
    }

    @Test
    void givesUpRowsThatWereTriedTooOften() throws Exception {
        for (int i = 1; i <= 1_200; i++) {
            application.run("INSERT INTO task_queue VALUES (" + i + ", 'leased', 'w', 1, " + i % 6 + ")");
        }

        Done done = release.perform(order(task(Optional.empty(), true)), application.database(), attempt);

        assertThat(done.report()).contains(new ReleaseLeases.Report(1_200, 1_000, 200));
        assertThat(application.number("SELECT count(*) FROM task_queue WHERE state = 'dead' AND tries = 5"))
                .isEqualTo(200);
        assertThat(attempt.yields()).isGreaterThan(3);
    }

    @Test
    void countsOnADryRun() throws Exception {
        application.run("INSERT INTO task_queue VALUES (1, 'leased', 'w', 1, 0), (2, 'leased', 'w', 1, 9)");

        Done done = release.perform(dryRun(task(Optional.empty(), true)), application.database(), attempt);

        assertThat(done.report()).contains(new ReleaseLeases.Report(2, 1, 1));
        assertThat(application.number("SELECT count(*) FROM task_queue WHERE state = 'leased'"))
                .isEqualTo(2);
    }

    @Test
    void keepsALeaseThatItsWorkerRenewedMeanwhile() throws Exception {
        for (int i = 1; i <= 600; i++) {
            application.run("INSERT INTO task_queue VALUES (" + i + ", 'leased', 'w', 1, 0)");
        }
        attempt.whenYielding(() -> renewAll());

        Done done = release.perform(order(task(Optional.empty(), false)), application.database(), attempt);

        assertThat(((ReleaseLeases.Report) done.report().orElseThrow()).released())
                .isEqualTo(500);
        assertThat(application.number("SELECT count(*) FROM task_queue WHERE state = 'leased'"))
                .isEqualTo(100);
    }

    @Test
    void goesOnTheNextTimeWhereItStopped() throws Exception {
        for (int i = 1; i <= 600; i++) {
            application.run("INSERT INTO task_queue VALUES (" + i + ", 'leased', 'w', 1, 0)");
        }
        attempt.whenYielding(() -> attempt.stop(Stop.DEADLINE));

        Done first = release.perform(order(task(Optional.empty(), false)), application.database(), attempt);
        Done second = release.perform(order(task(Optional.empty(), false)), application.database(), new CalmAttempt());

        assertThat(first.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(first.report()).contains(new ReleaseLeases.Report(600, 500, 0));
        assertThat(second.report()).contains(new ReleaseLeases.Report(100, 100, 0));
    }

    @Test
    void refusesAColumnThatIsNotThere() throws Exception {
        application.run("ALTER TABLE task_queue RENAME COLUMN owner TO worker");

        Done done = release.perform(order(task(Optional.empty(), false)), application.database(), attempt);

        assertThat(done.reason().orElseThrow().message()).isEqualTo("owner: owner (must be a column of task_queue)");
    }

    @Test
    void findsNothingToDoInAQuietQueue() throws Exception {
        Done done = release.perform(order(task(Optional.empty(), false)), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    private void renewAll() {
        try {
            application.run("UPDATE task_queue SET until = unixepoch('2027-01-01') WHERE state = 'leased'");
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void lease(int id, String until, String shift) throws Exception {
        application.run(
                "INSERT INTO task_queue VALUES (" + id + ", 'leased', 'w', " + String.format(until, shift) + ", 0)");
    }

    private static ReleaseLeases task(Optional<TimeFormat> format, boolean buries) {
        return new ReleaseLeases(
                TableName.parse("task_queue"),
                ColumnName.parse("state"),
                "leased",
                "ready",
                ColumnName.parse("until"),
                format,
                Optional.of(ColumnName.parse("owner")),
                Optional.of(Duration.ofMinutes(5)),
                buries ? Optional.of(ColumnName.parse("tries")) : Optional.empty(),
                buries ? Optional.of(5) : Optional.empty(),
                buries ? Optional.of("dead") : Optional.empty());
    }
}
