package dev.upkeep.executor.operation.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresAnalyzeTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresAnalyze analyze = new PostgresAnalyze();
    private final Analyze modified = new Analyze(List.of(), true);

    @BeforeEach
    void tables() throws Exception {
        database.sql(
                "CREATE SCHEMA \"Other\"",
                "CREATE TABLE \"Other\".\"Events\" (id int PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "CREATE TABLE quiet (id int PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "INSERT INTO quiet VALUES (1)",
                "INSERT INTO \"Other\".\"Events\" SELECT generate_series(1, 100)");
    }

    private static Analyze.Report report(Done done) {
        return (Analyze.Report) done.report().orElseThrow();
    }

    @Test
    void analyzesAllTablesAndThenOnlyThoseModified() throws Exception {
        Done all = database.perform(analyze, new Analyze(List.of(), false));
        Done none = database.perform(analyze, modified);
        database.sql("INSERT INTO \"Other\".\"Events\" VALUES (101)");
        Done one = database.perform(analyze, modified);

        assertThat(report(all).analyzed()).hasSize(2);
        assertThat(none.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report(none).unchanged()).isEqualTo(2);
        assertThat(report(one).analyzed()).containsExactly(TableName.parse("Other.Events"));
    }

    @Test
    void analyzesAPartitionedTableAsAWhole() throws Exception {
        database.sql(
                "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "INSERT INTO parts VALUES (1), (2)");

        Done done = database.perform(analyze, new Analyze(List.of(TableName.parse("parts")), true));

        assertThat(report(done).analyzed()).containsExactly(TableName.parse("public.parts"));
        assertThat(database.value("SELECT count(*) FROM pg_stats WHERE tablename = 'parts' AND inherited"))
                .isEqualTo("1");
    }

    @Test
    void changesNothingInADryRun() throws Exception {
        Done done = database.dryRun(analyze, new Analyze(List.of(), false));

        assertThat(report(done).analyzed()).hasSize(2);
        assertThat(database.value("SELECT count(last_analyze) FROM pg_stat_user_tables"))
                .isEqualTo("0");
    }

    @Test
    void leavesALockedTableAlone() throws Exception {
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE quiet IN ACCESS EXCLUSIVE MODE");

            Done done = database.perform(analyze, new Analyze(List.of(), false));

            assertThat(report(done).locked()).containsExactly(TableName.parse("public.quiet"));
            assertThat(report(done).analyzed()).hasSize(1);
            other.rollback();
        }
    }

    @Test
    void saysHowFarItGotWhenOutOfTime() throws Exception {
        CalmAttempt attempt = CalmAttempt.inHaste();
        attempt.whenTelling(message -> attempt.stop(Stop.DEADLINE));

        Done done = database.perform(analyze, new Analyze(List.of(), false), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(done.reason().orElseThrow().message()).contains("of 2 tables");
    }
}
