package dev.upkeep.executor.operation.vacuum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresVacuumTest {
    private static final String MANY_DEAD =
            "INSERT INTO %1$s SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;"
                    + " DELETE FROM %1$s WHERE id %% 2 = 0; ANALYZE %1$s";
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresVacuum vacuum = new PostgresVacuum();

    private void table(String name) throws Exception {
        database.sql(
                "CREATE TABLE " + name + " (id int PRIMARY KEY, body text) WITH (autovacuum_enabled = off)",
                MANY_DEAD.formatted(name),
                "SELECT pg_sleep(0)");
    }

    private static Vacuum mode(Vacuum.Mode mode, String... tables) {
        return new Vacuum(
                List.of(tables).stream().map(TableName::parse).toList(),
                Optional.of(mode),
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Vacuum.Report report(Done done) {
        return (Vacuum.Report) done.report().orElseThrow();
    }

    @Test
    void vacuumsWhatHasManyDeadRowsAndNothingElse() throws Exception {
        table("\"Mixed Case\"");
        database.sql("CREATE TABLE calm (id int PRIMARY KEY)", "INSERT INTO calm VALUES (1)");

        Done done = database.perform(vacuum, Vacuum.auto());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report(done).vacuumed()).singleElement().satisfies(table -> {
            assertThat(table.table()).isEqualTo(TableName.parse("public.\"Mixed Case\""));
            assertThat(table.deadBefore()).isGreaterThanOrEqualTo(10_000);
            assertThat(table.deadAfter()).isZero();
        });
    }

    @Test
    void changesNothingInADryRun() throws Exception {
        table("events");

        Done done = database.dryRun(vacuum, Vacuum.auto());

        assertThat(report(done).vacuumed())
                .extracting(Vacuum.Table::table)
                .containsExactly(TableName.parse("public.events"));
        assertThat(database.value("SELECT count(last_vacuum) FROM pg_stat_user_tables"))
                .isEqualTo("0");
    }

    @Test
    void hasNothingToDoInACalmDatabase() throws Exception {
        database.sql("CREATE TABLE calm (id int PRIMARY KEY)");

        assertThat(database.perform(vacuum, Vacuum.auto()).outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void leavesALockedTableAloneAndSaysSo() throws Exception {
        table("events");
        table("locked");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");

            Done done = database.perform(vacuum, Vacuum.auto());

            assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
            assertThat(report(done).locked()).containsExactly(TableName.parse("public.locked"));
            assertThat(report(done).vacuumed()).hasSize(1);
            other.rollback();
        }
    }

    @Test
    void isContendedWhenAllIsLocked() throws Exception {
        table("locked");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");

            Done done = database.perform(vacuum, mode(Vacuum.Mode.PLAIN));

            assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
    }

    @Test
    void rewritesATableInModeFullAndGivesItsSpaceBack() throws Exception {
        table("events");

        Done done = database.perform(vacuum, mode(Vacuum.Mode.FULL, "events"));

        assertThat(report(done).bytesAfter()).isLessThan(report(done).bytesBefore() * 2 / 3);
    }

    @Test
    void freezesTheLeavesOfAPartitionedTable() throws Exception {
        database.sql(
                "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parts SELECT generate_series(0, 19)");

        Done done = database.perform(vacuum, mode(Vacuum.Mode.FREEZE, "parts"));

        assertThat(report(done).vacuumed())
                .extracting(Vacuum.Table::table)
                .containsExactly(TableName.parse("public.parts_1"), TableName.parse("public.parts_2"));
        assertThat(database.value("SELECT max(age(relfrozenxid)) < 10 FROM pg_class WHERE relname LIKE 'parts__'"))
                .isEqualTo("t");
    }

    @Test
    void saysWhatKeepsDeadRows() throws Exception {
        database.sql("CREATE TABLE held (id int PRIMARY KEY, body text) WITH (autovacuum_enabled = off)");
        try (Connection reader = database.connect()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            database.sql(MANY_DEAD.formatted("held").split(";", 2)[0]);
            PostgresFixture.run(reader, "SELECT count(*) FROM held");
            database.sql("DELETE FROM held WHERE id % 2 = 0", "ANALYZE held");

            Done done = database.perform(vacuum, Vacuum.auto());

            assertThat(PostgresFixture.of(done, "vacuum-held-back"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.object()).isEqualTo("public.held"));
            reader.rollback();
        }
    }

    @Test
    void goesOnAfterTheTableWhereItWasStopped() throws Exception {
        table("a");
        table("b");
        CalmAttempt stopped = CalmAttempt.inHaste();
        stopped.whenTelling(message -> {
            if (message.contains("public.a")) {
                stopped.stop(Stop.DEADLINE);
            }
        });

        Done first = database.perform(vacuum, mode(Vacuum.Mode.PLAIN), stopped);
        CalmAttempt next = CalmAttempt.inHaste();
        next.saveCursor(stopped.cursor().orElseThrow());
        Done second = database.perform(vacuum, mode(Vacuum.Mode.PLAIN), next);

        assertThat(first.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(first.reason().orElseThrow().code()).isEqualTo(Code.WINDOW_CLOSED);
        assertThat(report(second).vacuumed())
                .extracting(Vacuum.Table::table)
                .doesNotContain(TableName.parse("public.a"));
    }

    @Test
    void refusesWhatIsNotATable() throws Exception {
        database.sql("CREATE VIEW looks AS SELECT 1 AS one");

        assertThatThrownBy(() -> database.perform(vacuum, mode(Vacuum.Mode.PLAIN, "looks", "absent")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("tables: looks, absent (must be tables of this database");
        assertThat(database.perform(vacuum, mode(Vacuum.Mode.INCREMENTAL)).outcome())
                .isEqualTo(Outcome.REJECTED);
    }
}
