package dev.upkeep.executor.operation.assess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresAssessTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresAssess assess = new PostgresAssess();

    private static TimeColumn column(String table, String column) {
        return new TimeColumn(TableName.parse(table), ColumnName.parse(column));
    }

    @Test
    void measuresTablesAndTheAgeOfTheirRows() throws Exception {
        database.sql(
                "CREATE TABLE \"Events\" (id int PRIMARY KEY, \"At\" timestamptz)",
                "INSERT INTO \"Events\" SELECT g, '2026-01-01 00:00Z'::timestamptz + g * interval '1 hour'"
                        + " FROM generate_series(0, 240) g",
                "INSERT INTO \"Events\" VALUES (1000, 'infinity'), (1001, NULL)");

        Done done = database.perform(assess, new Assess(List.of(), true, List.of(column("Events", "At"))));

        Assess.Report report = (Assess.Report) done.report().orElseThrow();
        assertThat(report.tables()).singleElement().satisfies(table -> {
            assertThat(table.table()).isEqualTo(TableName.parse("public.Events"));
            assertThat(table.rows()).isEqualTo(243);
            assertThat(table.exact()).isTrue();
            assertThat(table.bytes()).isPositive();
            assertThat(table.indexBytes()).isPositive();
        });
        assertThat(report.ages()).singleElement().satisfies(age -> {
            assertThat(age.oldest()).isEqualTo(Optional.of(Instant.parse("2026-01-01T00:00:00Z")));
            assertThat(age.newest()).isEqualTo(Optional.of(Instant.parse("2026-01-11T00:00:00Z")));
            assertThat(age.rowsPerDay()).isCloseTo(24.3, within(0.01));
        });
    }

    @Test
    void readsTimesThatAreKeptAsTextOrNumbers() throws Exception {
        database.sql(
                "CREATE TABLE runs (started_at text, ended_at bigint)",
                "INSERT INTO runs VALUES ('2026-01-01T00:00:00Z', 1767225600000), ('2026-01-11T00:00:00Z', 1768089600000)");

        Done done = database.perform(
                assess, new Assess(List.of(), true, List.of(column("runs", "started_at"), column("runs", "ended_at"))));

        assertThat(((Assess.Report) done.report().orElseThrow()).ages())
                .hasSize(2)
                .allSatisfy(age -> {
                    assertThat(age.oldest()).isEqualTo(Optional.of(Instant.parse("2026-01-01T00:00:00Z")));
                    assertThat(age.newest()).isEqualTo(Optional.of(Instant.parse("2026-01-11T00:00:00Z")));
                });
    }

    @Test
    void readsATimestampWithoutZoneAsUtc() throws Exception {
        database.sql("CREATE TABLE plain (at timestamp)", "INSERT INTO plain VALUES ('2026-03-29 02:30')");

        Done done = database.perform(assess, new Assess(List.of(), false, List.of(column("plain", "at"))));

        assertThat(((Assess.Report) done.report().orElseThrow()).ages().get(0).oldest())
                .isEqualTo(Optional.of(Instant.parse("2026-03-29T02:30:00Z")));
    }

    @Test
    void addsUpThePartitionsOfATable() throws Exception {
        database.sql(
                "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parts SELECT generate_series(0, 19)",
                "ANALYZE parts");

        Done done = database.perform(assess, new Assess(List.of(), false, List.of()));

        Assess.Report report = (Assess.Report) done.report().orElseThrow();
        assertThat(report.tables()).singleElement().satisfies(table -> {
            assertThat(table.table()).isEqualTo(TableName.parse("public.parts"));
            assertThat(table.rows()).isEqualTo(20);
        });
    }

    @Test
    void doesNotWaitForALockedTable() throws Exception {
        database.sql("CREATE TABLE locked (id int)", "CREATE TABLE free (id int)");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");

            Done done = database.perform(assess, new Assess(List.of(), false, List.of()));

            assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
            other.rollback();
        }
    }

    @Test
    void refusesAColumnThatIsNoTime() throws Exception {
        database.sql("CREATE TABLE plain (id uuid)");

        Done done = database.perform(assess, new Assess(List.of(), false, List.of(column("plain", "id"))));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("plain.id");
    }
}
