package dev.upkeep.executor.operation.optimize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresOptimizeTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresOptimize optimize = new PostgresOptimize();

    @Test
    void analyzesWhatWasModifiedAndIfFullVacuumsWhatHasDeadRows() throws Exception {
        database.sql(
                "CREATE TABLE events (id int PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "INSERT INTO events SELECT generate_series(1, 1000)",
                "DELETE FROM events WHERE id > 500");

        Done planned = database.dryRun(optimize, new Optimize(Optional.empty()));
        Done quick = database.perform(optimize, new Optimize(Optional.empty()));
        Done nothing = database.perform(optimize, new Optimize(Optional.empty()));
        Done full = database.perform(optimize, new Optimize(Optional.of(Optimize.Depth.FULL)));

        Optimize.Report report = (Optimize.Report) full.report().orElseThrow();
        assertThat(((Optimize.Report) planned.report().orElseThrow()).steps()).hasSize(1);
        assertThat(quick.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(nothing.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report.steps()).containsExactly("CHECKPOINT", "VACUUM (ANALYZE, SKIP_LOCKED) \"public\".\"events\"");
        assertThat(database.value("SELECT n_dead_tup FROM pg_stat_user_tables")).isEqualTo("0");
    }
}
