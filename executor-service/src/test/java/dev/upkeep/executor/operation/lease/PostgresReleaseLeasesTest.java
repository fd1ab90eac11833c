package dev.upkeep.executor.operation.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresReleaseLeasesTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresReleaseLeases release = new PostgresReleaseLeases();

    private static ReleaseLeases task(Optional<Purge.TimeFormat> format, boolean limited) {
        return new ReleaseLeases(
                TableName.parse("queue"),
                ColumnName.parse("state"),
                "leased",
                "ready",
                ColumnName.parse("expires"),
                format,
                Optional.of(ColumnName.parse("owner")),
                Optional.of(Duration.ofMinutes(5)),
                limited ? Optional.of(ColumnName.parse("attempts")) : Optional.empty(),
                limited ? Optional.of(3) : Optional.empty(),
                limited ? Optional.of("dead") : Optional.empty());
    }

    private void queue(String stateType, String expiresType, String expiry) throws Exception {
        database.sql(
                "CREATE TABLE queue (id int PRIMARY KEY, state " + stateType + ", owner text, attempts int, expires "
                        + expiresType + ")",
                "INSERT INTO queue SELECT g, 'leased', 'worker', g % 4, " + expiry.formatted("- interval '6 minutes'")
                        + " FROM generate_series(1, 1200) g",
                "INSERT INTO queue SELECT g, 'leased', 'worker', 0, " + expiry.formatted("- interval '4 minutes'")
                        + " FROM generate_series(2001, 2010) g",
                "INSERT INTO queue VALUES (3001, 'leased', 'worker', 0, NULL), (3002, 'ready', NULL, 9, NULL)");
    }

    private static ReleaseLeases.Report report(Done done) {
        return (ReleaseLeases.Report) done.report().orElseThrow();
    }

    @Test
    void putsBackWhatHasRunOutAndGivesUpWhatWasTriedTooOften() throws Exception {
        database.sql("CREATE TYPE public.task_state AS ENUM ('ready', 'leased', 'done', 'dead')");
        queue("public.task_state", "timestamptz", "now() %s");

        Done planned = database.dryRun(release, task(Optional.empty(), true));
        Done done = database.perform(release, task(Optional.empty(), true));
        Done again = database.perform(release, task(Optional.empty(), true));

        assertThat(report(planned)).isEqualTo(new ReleaseLeases.Report(1_200, 900, 300));
        assertThat(report(done)).isEqualTo(new ReleaseLeases.Report(1_200, 900, 300));
        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(database.value("SELECT count(*) FROM queue WHERE state = 'leased' AND owner = 'worker'"))
                .isEqualTo("11");
        assertThat(database.value("SELECT count(*) FROM queue WHERE state = 'dead' AND owner IS NULL"))
                .isEqualTo("300");
    }

    @Test
    void readsTimesThatAreNumbers() throws Exception {
        queue("text", "bigint", "extract(epoch FROM now() %s)::bigint * 1000");

        Done done = database.perform(release, task(Optional.of(Purge.TimeFormat.EPOCH_MILLIS), false));

        assertThat(report(done)).isEqualTo(new ReleaseLeases.Report(1_200, 1_200, 0));
    }

    @Test
    void leavesRowsThatOthersHaveLocked() throws Exception {
        queue("text", "timestamptz", "now() %s");
        try (Connection worker = database.connect()) {
            worker.setAutoCommit(false);
            PostgresFixture.run(worker, "SELECT * FROM queue WHERE id = 1 FOR UPDATE");

            Done done = database.perform(release, task(Optional.empty(), false));

            assertThat(report(done).released()).isEqualTo(1_199);
            worker.rollback();
        }
    }

    @Test
    void refusesAFormatThatDoesNotFitTheColumn() throws Exception {
        queue("text", "timestamptz", "now() %s");

        Done done = database.perform(release, task(Optional.of(Purge.TimeFormat.EPOCH_SECONDS), false));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("timestamp with time zone");
    }
}
