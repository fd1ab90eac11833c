package dev.upkeep.executor.operation.autovacuum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.TuneAutovacuum;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresTuneAutovacuumTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresTuneAutovacuum tune = new PostgresTuneAutovacuum();

    private static TuneAutovacuum tuning(String table, Map<String, String> parameters) {
        return new TuneAutovacuum(List.of(new TuneAutovacuum.Tuning(TableName.parse(table), parameters)));
    }

    @Test
    void setsWhatDriftedOnceAndReportsIt() throws Exception {
        database.sql("CREATE TABLE \"Events\" (id int, body text) WITH (fillfactor = 70, autovacuum_enabled = on)");
        TuneAutovacuum task = tuning(
                "\"Events\"",
                Map.of(
                        "autovacuum_vacuum_scale_factor", "0.020",
                        "toast.autovacuum_vacuum_threshold", "100",
                        "autovacuum_enabled", "true",
                        "fillfactor", "reset"));

        Done planned = database.dryRun(tune, task);
        String untouched = database.value("SELECT reloptions FROM pg_class WHERE relname = 'Events'");
        Done first = database.perform(tune, task);
        Done second = database.perform(tune, task);

        assertThat(untouched).contains("fillfactor=70");
        assertThat(PostgresFixture.of(planned, "autovacuum-drift")).hasSize(3);
        assertThat(((TuneAutovacuum.Report) first.report().orElseThrow()).changes())
                .extracting(TuneAutovacuum.Change::parameter)
                .containsExactly("autovacuum_vacuum_scale_factor", "fillfactor", "toast.autovacuum_vacuum_threshold");
        assertThat(database.value("SELECT reloptions FROM pg_class WHERE relname = 'Events'"))
                .isEqualTo("{autovacuum_enabled=on,autovacuum_vacuum_scale_factor=0.020}");
        assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void setsThemOnThePartitionsOfATable() throws Exception {
        database.sql(
                "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");

        Done done = database.perform(tune, tuning("parts", Map.of("autovacuum_vacuum_threshold", "1000")));

        assertThat(((TuneAutovacuum.Report) done.report().orElseThrow()).changes())
                .extracting(TuneAutovacuum.Change::table)
                .containsExactly(TableName.parse("public.parts_1"));
    }

    @Test
    void leavesALockedTableAlone() throws Exception {
        database.sql("CREATE TABLE locked (id int)");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");

            Done done = database.perform(tune, tuning("locked", Map.of("fillfactor", "80")));

            assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
    }

    @Test
    void cannotBeToldAnythingButParameters() {
        assertThatThrownBy(() -> tuning("t", Map.of("autovacuum_enabled) , (x", "1")))
                .isInstanceOf(InvalidValue.class);
        assertThatThrownBy(() -> tuning("t", Map.of("fillfactor", "70); DROP TABLE t; --")))
                .isInstanceOf(InvalidValue.class);
        assertThatThrownBy(() -> tuning("t", Map.of("user_catalog_table", "true")))
                .isInstanceOf(InvalidValue.class);
    }
}
