package dev.upkeep.executor.operation.assess;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteAssessTest {
    private static final TableName EVENTS = TableName.parse("events");

    private final SqliteAssess assess = new SqliteAssess();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Application application;

    @BeforeEach
    void open() throws Exception {
        application = new Application(folder.resolve("a file?mode=memory&x=100%.db"));
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void sizesAndCountsEachTable() throws Exception {
        application.fill("events", 10_000).run("CREATE TABLE empty (a)", "CREATE VIEW v AS SELECT 1");

        Done done = assess.perform(order(new Assess(List.of(), true, List.of())), application.database(), attempt);

        Assess.Report report = (Assess.Report) done.report().orElseThrow();
        assertThat(report.databaseBytes())
                .isEqualTo(Files.size(application.database().file()));
        assertThat(report.tables()).extracting(Assess.Table::table).containsExactly(EVENTS, TableName.parse("empty"));
        Assess.Table events = report.tables().get(0);
        assertThat(events.rows()).isEqualTo(10_000);
        assertThat(events.exact()).isTrue();
        assertThat(events.bytes() + events.indexBytes()).isCloseTo(report.databaseBytes(), within(20_000L));
        assertThat(done.measurements())
                .anySatisfy(m -> assertThat(m.name()).isEqualTo("table_rows"))
                .anySatisfy(m -> assertThat(m.name()).isEqualTo("database_size"));
    }

    @Test
    void estimatesRowsFromStatistics() throws Exception {
        application.fill("events", 10_000).run("ANALYZE").fill("events", 100);

        Done done =
                assess.perform(order(new Assess(List.of(EVENTS), false, List.of())), application.database(), attempt);

        Assess.Table events =
                ((Assess.Report) done.report().orElseThrow()).tables().get(0);
        assertThat(events.rows()).isEqualTo(10_000);
        assertThat(events.exact()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'strftime(''%Y-%m-%dT%H:%M:%SZ'', at)'",
        "'strftime(''%Y-%m-%d %H:%M:%S'', at)'",
        "'unixepoch(at)'",
        "'unixepoch(at) * 1000'",
        "'julianday(at)'"
    })
    void readsTheAgeOfDataInEveryForm(String form) throws Exception {
        application
                .fill("events", 2_881)
                .run(
                        "CREATE TABLE kept (id INTEGER PRIMARY KEY, since)",
                        "INSERT INTO kept (since) SELECT " + form + " FROM events",
                        "INSERT INTO kept (since) VALUES (NULL)");
        TimeColumn since = new TimeColumn(TableName.parse("KEPT"), ColumnName.parse("Since"));

        Done done =
                assess.perform(order(new Assess(List.of(), false, List.of(since))), application.database(), attempt);

        Assess.Age age = ((Assess.Report) done.report().orElseThrow()).ages().get(0);
        Instant newest = Application.NOW;
        assertThat(age.newest().orElseThrow()).isCloseTo(newest, within(1, java.time.temporal.ChronoUnit.SECONDS));
        assertThat(age.oldest().orElseThrow())
                .isCloseTo(newest.minus(Duration.ofDays(2)), within(1, java.time.temporal.ChronoUnit.SECONDS));
        assertThat(age.rowsPerDay()).isCloseTo(1_441, within(1.0));
    }

    @Test
    void refusesAColumnThatIsNotThere() throws Exception {
        application.fill("events", 1);
        TimeColumn wrong = new TimeColumn(EVENTS, ColumnName.parse("created"));

        Done done =
                assess.perform(order(new Assess(List.of(), false, List.of(wrong))), application.database(), attempt);

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_COLUMN);
        assertThat(done.reason().orElseThrow().message())
                .isEqualTo("ages.column: created (must be a column of events)");
    }

    @Test
    void leavesNothingBesideAFileThatNobodyHasOpen() throws Exception {
        application.run("PRAGMA journal_mode = WAL").fill("events", 10).close();

        assess.perform(order(new Assess(List.of(), true, List.of())), application.database(), attempt);

        assertThat(folder).isDirectoryNotContaining(path -> !path.toString().endsWith(".db"));
    }
}
