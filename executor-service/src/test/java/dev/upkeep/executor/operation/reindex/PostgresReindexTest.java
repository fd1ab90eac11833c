package dev.upkeep.executor.operation.reindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PostgresReindexTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresReindex reindex = new PostgresReindex();
    private final Reindex byBloat = new Reindex(List.of(), List.of(), false, Optional.of(0.5), Optional.of(100_000L));

    private void bloated() throws Exception {
        database.sql(
                "CREATE TABLE \"Bloated\" (id int CONSTRAINT \"Bloated key\" PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "INSERT INTO \"Bloated\" SELECT generate_series(1, 60000)",
                "DELETE FROM \"Bloated\" WHERE id % 20 <> 0",
                "VACUUM ANALYZE \"Bloated\"",
                "CREATE TABLE calm (id int PRIMARY KEY)");
    }

    private static Reindex.Report report(Done done) {
        return (Reindex.Report) done.report().orElseThrow();
    }

    @Test
    void rebuildsWhatIsBloatedAndNothingElse() throws Exception {
        bloated();

        Done planned = database.dryRun(reindex, byBloat);
        Done done = database.perform(reindex, byBloat);
        Done again = database.perform(reindex, byBloat);

        assertThat(report(planned).rebuilt()).hasSize(1);
        assertThat(report(done).rebuilt()).singleElement().satisfies(index -> {
            assertThat(index.index()).isEqualTo(TableName.parse("public.\"Bloated key\""));
            assertThat(index.bytesAfter()).isLessThan(index.bytesBefore() / 2);
        });
        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void mendsAnInvalidIndexAndClearsLeftovers() throws Exception {
        database.sql("CREATE TABLE twins (id int)", "INSERT INTO twins VALUES (1), (1)");
        assertThatThrownBy(() -> database.sql("CREATE UNIQUE INDEX CONCURRENTLY twins_id ON twins (id)"))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> database.sql("REINDEX INDEX CONCURRENTLY twins_id"))
                .isInstanceOf(SQLException.class);
        database.sql("DELETE FROM twins WHERE ctid = '(0,1)'");

        Done done = database.perform(reindex, byBloat);

        assertThat(report(done).cleared()).containsExactly(TableName.parse("public.twins_id_ccnew"));
        assertThat(report(done).rebuilt())
                .extracting(Reindex.Index::index)
                .containsExactly(TableName.parse("public.twins_id"));
        assertThat(database.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"))
                .isEqualTo("0");
    }

    @Test
    void leavesNothingBehindWhenItIsBrokenOff() throws Exception {
        database.sql("CREATE TABLE busy (id int PRIMARY KEY)", "INSERT INTO busy SELECT generate_series(1, 1000)");
        CalmAttempt attempt = CalmAttempt.inHaste();
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            PostgresFixture.run(writer, "UPDATE busy SET id = 0 WHERE id = 1");
            Reindex task =
                    new Reindex(List.of(TableName.parse("busy")), List.of(), false, Optional.empty(), Optional.empty());
            CompletableFuture<Done> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return database.perform(reindex, task, attempt);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%ccnew'")
                    .equals("1"));

            attempt.stop(Stop.DEADLINE);
            writer.rollback();
            Done done = running.join();

            assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%ccnew'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void refusesAnIndexThatDoesNotExist() {
        Reindex task =
                new Reindex(List.of(), List.of(TableName.parse("absent")), false, Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> database.perform(reindex, task))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("absent");
    }
}
