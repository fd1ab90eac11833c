package dev.upkeep.executor.operation.partitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.MaintainPartitions.Interval;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresMaintainPartitionsTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresMaintainPartitions partitions = new PostgresMaintainPartitions();

    private static MaintainPartitions ahead(Interval interval, int count) {
        return new MaintainPartitions(
                TableName.parse("\"Agg\""), interval, Optional.of(count), Optional.empty(), false, false);
    }

    private static MaintainPartitions keep(int days, boolean drop) {
        return new MaintainPartitions(
                TableName.parse("\"Agg\""),
                Interval.DAY,
                Optional.empty(),
                Optional.of(Duration.ofDays(days)),
                drop,
                false);
    }

    private static MaintainPartitions.Report report(Done done) {
        return (MaintainPartitions.Report) done.report().orElseThrow();
    }

    private void table(String type) throws Exception {
        database.sql("CREATE TABLE \"Agg\" (id bigint GENERATED ALWAYS AS IDENTITY, \"At\" " + type
                + " NOT NULL, n int DEFAULT 1 CHECK (n > 0), PRIMARY KEY (id, \"At\")) PARTITION BY RANGE (\"At\")");
    }

    @Test
    void createsPartitionsAheadOnce() throws Exception {
        table("timestamptz");

        Done planned = database.dryRun(partitions, ahead(Interval.DAY, 3));
        String none = database.value("SELECT count(*) FROM pg_inherits");
        Done first = database.perform(partitions, ahead(Interval.DAY, 3));
        Done second = database.perform(partitions, ahead(Interval.DAY, 3));
        database.sql("INSERT INTO \"Agg\" (\"At\") VALUES (now()), (now() + interval '3 days')");

        assertThat(report(planned).created()).hasSize(4);
        assertThat(none).isEqualTo("0");
        assertThat(report(first).created())
                .isEqualTo(report(planned).created())
                .allMatch(name -> name.table().matches("Agg_p\\d{8}"));
        assertThat(report(first).headroomHours()).isBetween(72.0, 96.1);
        assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void createsMonthsOnADateColumn() throws Exception {
        table("date");

        Done done = database.perform(partitions, ahead(Interval.MONTH, 1));

        assertThat(report(done).created())
                .hasSize(2)
                .allMatch(name -> name.table().matches("Agg_p\\d{6}"));
        assertThat(database.perform(partitions, ahead(Interval.HOUR, 1)).outcome())
                .isEqualTo(Outcome.REJECTED);
    }

    @Test
    void detachesAndDropsWhatIsPastItsRetentionAndNothingElse() throws Exception {
        table("timestamptz");
        database.sql(
                "DO $$ BEGIN FOR i IN 5..30 LOOP EXECUTE format('CREATE TABLE %I PARTITION OF \"Agg\" FOR VALUES FROM (%L) TO (%L)',"
                        + " 'old_' || i, date_trunc('day', now()) - make_interval(days => i),"
                        + " date_trunc('day', now()) - make_interval(days => i - 1)); END LOOP; END $$");

        Done detached = database.perform(partitions, keep(20, false));
        Done dropped = database.perform(partitions, keep(10, true));

        assertThat(report(detached).detached()).hasSize(10);
        assertThat(report(detached).dropped()).isEmpty();
        assertThat(report(dropped).dropped()).hasSize(10);
        assertThat(database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = '\"Agg\"'::regclass"))
                .isEqualTo("6");
        assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'old%' AND relkind = 'r'"))
                .isEqualTo("16");
    }

    @Test
    void movesRowsOutOfTheDefaultPartition() throws Exception {
        table("timestamp");
        database.sql(
                "CREATE TABLE rest PARTITION OF \"Agg\" DEFAULT",
                "INSERT INTO \"Agg\" (\"At\") SELECT now() - make_interval(days => g) FROM generate_series(0, 4) g",
                "INSERT INTO \"Agg\" (\"At\") VALUES ('infinity')");

        Done blocked = database.perform(partitions, ahead(Interval.DAY, 1));
        Done drained = database.perform(
                partitions,
                new MaintainPartitions(
                        TableName.parse("\"Agg\""), Interval.DAY, Optional.of(1), Optional.empty(), false, true));

        assertThat(PostgresFixture.of(blocked, "default-partition")).hasSize(1);
        assertThat(report(drained).drained()).isEqualTo(5);
        assertThat(database.value("SELECT count(*) FROM rest")).isEqualTo("1");
        assertThat(database.value("SELECT count(*) FROM \"Agg\"")).isEqualTo("6");
    }

    @Test
    void isContendedWhenTheTableIsLocked() throws Exception {
        table("timestamptz");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE \"Agg\" IN ACCESS EXCLUSIVE MODE");

            assertThat(database.perform(partitions, ahead(Interval.DAY, 1)).outcome())
                    .isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
    }

    @Test
    void refusesATableThatIsNotPartitionedByTime() throws Exception {
        database.sql("CREATE TABLE \"Agg\" (id int) PARTITION BY RANGE (id)");

        assertThatThrownBy(() -> database.perform(partitions, ahead(Interval.DAY, 1)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("must be partitioned by ranges of one column of type date or timestamp");
    }

    @Test
    void findsTheBoundariesOfItsIntervals() {
        Instant time = Instant.parse("2026-11-21T14:35:00Z");

        assertThat(Period.holding(time, Interval.WEEK).start()).isEqualTo(Instant.parse("2026-11-16T00:00:00Z"));
        assertThat(Period.holding(time, Interval.MONTH).next(Interval.MONTH).end())
                .isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(Period.holding(time, Interval.HOUR).suffix(Interval.HOUR)).isEqualTo("_p20261121_14");
    }
}
