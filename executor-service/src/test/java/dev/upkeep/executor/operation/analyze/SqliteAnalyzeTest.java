package dev.upkeep.executor.operation.analyze;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteAnalyzeTest {
    private static final TableName ORDERS = TableName.parse("orders");
    private static final TableName ITEMS = TableName.parse("items");

    private final SqliteAnalyze analyze = new SqliteAnalyze();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Application application;

    @BeforeEach
    void open() throws Exception {
        application = new Application(folder.resolve("shop.db"))
                .run("PRAGMA journal_mode = WAL")
                .fill("orders", 2_000)
                .fill("items", 100);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void analyzesAllTables() throws Exception {
        Done done = analyze.perform(order(new Analyze(List.of(), false)), application.database(), attempt);

        assertThat(((Analyze.Report) done.report().orElseThrow()).analyzed()).containsExactly(ITEMS, ORDERS);
        assertThat(application.number("SELECT count(DISTINCT tbl) FROM sqlite_stat1"))
                .isEqualTo(2);
    }

    @Test
    void analyzesOnlyWhatChangedSinceTheLastTime() throws Exception {
        analyze.perform(order(new Analyze(List.of(), false)), application.database(), attempt);
        application.fill("items", 5_000);

        Done done = analyze.perform(order(new Analyze(List.of(), true)), application.database(), attempt);
        Done again = analyze.perform(order(new Analyze(List.of(), true)), application.database(), attempt);

        Analyze.Report report = (Analyze.Report) done.report().orElseThrow();
        assertThat(report.analyzed()).containsExactly(ITEMS);
        assertThat(report.unchanged()).isEqualTo(1);
        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void writesNoStatisticsOnADryRun() throws Exception {
        Done done = analyze.perform(dryRun(new Analyze(List.of(ITEMS), false)), application.database(), attempt);

        assertThat(((Analyze.Report) done.report().orElseThrow()).analyzed()).containsExactly(ITEMS);
        assertThat(application.number("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'"))
                .isZero();
    }

    @Test
    void refusesATableThatIsNotThere() throws Exception {
        TableName other = TableName.parse("other.orders");

        Done done = analyze.perform(order(new Analyze(List.of(other), false)), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_TABLE);
    }

    @Test
    void stopsBetweenTables() throws Exception {
        attempt.whenYielding(() -> attempt.stop(Stop.DEADLINE));

        Done done = analyze.perform(order(new Analyze(List.of(), false)), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(((Analyze.Report) done.report().orElseThrow()).analyzed()).containsExactly(ITEMS);
    }
}
