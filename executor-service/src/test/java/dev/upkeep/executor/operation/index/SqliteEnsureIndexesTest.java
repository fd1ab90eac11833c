package dev.upkeep.executor.operation.index;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.EnsureIndexes.Wanted;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteEnsureIndexesTest {
    private final SqliteEnsureIndexes ensure = new SqliteEnsureIndexes();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Application application;

    @BeforeEach
    void open() throws Exception {
        application = new Application(folder.resolve("audit.db"))
                .run("CREATE TABLE rows (id INTEGER PRIMARY KEY, run_id TEXT, \"at time\" TEXT, kind TEXT)");
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void createsWhatIsMissingAndFindsItTheNextTime() throws Exception {
        EnsureIndexes task = new EnsureIndexes(List.of(wanted(false, "run_id"), wanted(false, "kind", "\"at time\"")));

        Done first = ensure.perform(order(task), application.database(), attempt);
        Done second = ensure.perform(order(task), application.database(), attempt);

        assertThat(report(first).created())
                .extracting(EnsureIndexes.Index::name)
                .containsExactly("idx_rows_run_id", "idx_rows_kind_at time");
        assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report(second).present()).hasSize(2);
        assertThat(application.text("EXPLAIN QUERY PLAN SELECT id FROM rows WHERE run_id = 'x'")
                        + application.number("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"))
                .endsWith("2");
    }

    @Test
    void takesAnIndexThatLeadsWithTheSameColumnsForPresent() throws Exception {
        application.run("CREATE INDEX wide ON rows (run_id, kind)");

        assertThat(one(wanted(false, "run_id")).outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(one(wanted(false, "id")).outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(one(wanted(false, "kind")).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(one(wanted(true, "run_id")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void doesNotTakeAPartialIndexForPresent() throws Exception {
        application.run("CREATE INDEX part ON rows (run_id) WHERE kind = 'x'");

        assertThat(one(wanted(false, "run_id")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void createsNothingOnADryRun() throws Exception {
        Done done = ensure.perform(
                dryRun(new EnsureIndexes(List.of(wanted(false, "run_id")))), application.database(), attempt);

        assertThat(report(done).created()).hasSize(1);
        assertThat(application.number("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"))
                .isZero();
    }

    @Test
    void refusesANameThatIsTaken() throws Exception {
        application.run("CREATE INDEX idx_rows_run_id ON rows (kind)");

        Done done = one(wanted(false, "run_id"));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).startsWith("indexes.name: idx_rows_run_id (must not be");
    }

    @Test
    void failsOnRowsThatAreNotUniqueAndLeavesNothing() throws Exception {
        application.run("INSERT INTO rows (run_id) VALUES ('a'), ('a')");

        assertThatThrownBy(() -> one(wanted(true, "run_id")))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(application.database().codeOf(e)).isEqualTo(Code.CONSTRAINT));
        assertThat(application.number("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"))
                .isZero();
    }

    @Test
    void looksUpAllNamesBeforeItCreatesAnything() throws Exception {
        Wanted wrong = wanted(false, "run");

        Done done = ensure.perform(
                order(new EnsureIndexes(List.of(wanted(false, "run_id"), wrong))), application.database(), attempt);

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_COLUMN);
        assertThat(application.number("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"))
                .isZero();
    }

    private Done one(Wanted wanted) throws SQLException {
        return ensure.perform(order(new EnsureIndexes(List.of(wanted))), application.database(), attempt);
    }

    private static Wanted wanted(boolean unique, String... columns) {
        Optional<ColumnName> name = unique ? Optional.of(ColumnName.parse("only_one")) : Optional.empty();
        return new Wanted(
                TableName.parse("rows"),
                Stream.of(columns).map(ColumnName::parse).toList(),
                unique,
                name);
    }

    private static EnsureIndexes.Report report(Done done) {
        return (EnsureIndexes.Report) done.report().orElseThrow();
    }
}
