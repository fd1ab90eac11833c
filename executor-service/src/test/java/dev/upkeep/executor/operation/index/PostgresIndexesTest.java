package dev.upkeep.executor.operation.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.IndexHealth;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresIndexesTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresEnsureIndexes ensure = new PostgresEnsureIndexes();
    private final PostgresIndexHealth health = new PostgresIndexHealth();

    private static EnsureIndexes wanted(String table, boolean unique, String... columns) {
        return new EnsureIndexes(List.of(new EnsureIndexes.Wanted(
                TableName.parse(table),
                List.of(columns).stream().map(ColumnName::parse).toList(),
                unique,
                Optional.empty())));
    }

    private static EnsureIndexes.Report report(Done done) {
        return (EnsureIndexes.Report) done.report().orElseThrow();
    }

    private static List<IndexHealth.Proposal> proposals(Done done) {
        return ((IndexHealth.Report) done.report().orElseThrow()).proposals();
    }

    @Test
    void createsWhatIsMissingOnceAndChangesNothingInADryRun() throws Exception {
        database.sql("CREATE TABLE \"Rows\" (id int PRIMARY KEY, \"Run Id\" int)");
        EnsureIndexes task = wanted("\"Rows\"", false, "\"Run Id\"");

        Done planned = database.dryRun(ensure, task);
        Done first = database.perform(ensure, task);
        Done second = database.perform(ensure, task);

        assertThat(report(planned).created()).hasSize(1);
        assertThat(first.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report(second).present())
                .extracting(EnsureIndexes.Index::name)
                .containsExactly("Rows_Run Id_idx");
    }

    @Test
    void countsAnIndexThatLeadsWithTheColumnsAsPresent() throws Exception {
        database.sql("CREATE TABLE t (a int, b int)", "CREATE INDEX wider ON t (a, b)");

        assertThat(database.perform(ensure, wanted("t", false, "a")).outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(database.perform(ensure, wanted("t", false, "b")).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(database.perform(ensure, wanted("t", true, "a")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void replacesAnInvalidIndexAndLeavesNoneBehind() throws Exception {
        database.sql("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)");
        EnsureIndexes task = wanted("t", true, "a");
        assertThatThrownBy(() -> database.sql("CREATE UNIQUE INDEX CONCURRENTLY t_a_idx ON t (a)"))
                .isInstanceOf(SQLException.class);

        assertThatThrownBy(() -> database.perform(ensure, task)).isInstanceOf(SQLException.class);
        String left = database.value("SELECT count(*) FROM pg_class WHERE relname = 't_a_idx'");
        assertThatThrownBy(() -> database.sql("CREATE UNIQUE INDEX CONCURRENTLY t_a_idx ON t (a)"))
                .isInstanceOf(SQLException.class);
        database.sql("TRUNCATE t");
        Done mended = database.perform(ensure, task);

        assertThat(left).isEqualTo("0");
        assertThat(report(mended).created())
                .singleElement()
                .satisfies(index -> assertThat(index.replaced()).isTrue());
    }

    @Test
    void putsAnIndexOverAPartitionedTable() throws Exception {
        database.sql(
                "CREATE TABLE parts (id int, at int) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");

        Done done = database.perform(ensure, wanted("parts", false, "at"));

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(database.value("SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid IN"
                        + " ('parts'::regclass, 'parts_1'::regclass)"))
                .isEqualTo("2");
    }

    @Test
    void refusesAColumnThatDoesNotExist() throws Exception {
        database.sql("CREATE TABLE t (a int)");

        Done done = database.perform(ensure, wanted("t", false, "absent"));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("absent", "table t");
    }

    @Test
    void proposesWhatToDoAboutIndexesAndForeignKeys() throws Exception {
        database.sql(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent, other_id int REFERENCES parent)",
                "CREATE INDEX child_parent ON child (parent_id)",
                "CREATE INDEX child_parent_again ON child (parent_id)",
                "SELECT pg_stat_reset()");
        IndexHealth all = new IndexHealth(List.of(), Optional.of(java.time.Duration.ofNanos(1)), Optional.of(0L));

        List<IndexHealth.Proposal> proposals = proposals(database.perform(health, all));

        assertThat(proposals)
                .filteredOn(proposal -> proposal.kind() == IndexHealth.Kind.FOREIGN_KEY_WITHOUT_INDEX)
                .singleElement()
                .satisfies(proposal -> assertThat(proposal.statement())
                        .isEqualTo("CREATE INDEX CONCURRENTLY ON \"public\".\"child\" (\"other_id\");"));
        assertThat(proposals)
                .filteredOn(proposal -> proposal.kind() == IndexHealth.Kind.DUPLICATE)
                .extracting(IndexHealth.Proposal::object)
                .containsExactly("public.child_parent_again");
        assertThat(proposals)
                .filteredOn(proposal -> proposal.kind() == IndexHealth.Kind.UNUSED)
                .extracting(IndexHealth.Proposal::object)
                .containsExactly("public.child_parent");
        for (IndexHealth.Proposal proposal : proposals) {
            database.sql(proposal.statement());
        }
        assertThat(proposals(database.perform(health, all)))
                .noneMatch(proposal -> proposal.kind() == IndexHealth.Kind.DUPLICATE);
    }
}
