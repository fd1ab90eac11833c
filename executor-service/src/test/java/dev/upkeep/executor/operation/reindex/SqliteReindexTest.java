package dev.upkeep.executor.operation.reindex;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteReindexTest {
    private static final TableName EVENTS_AT = TableName.parse("events_at");

    private final SqliteReindex reindex = new SqliteReindex();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Application application;

    @BeforeEach
    void open() throws Exception {
        application = new Application(folder.resolve("audit.db"))
                .run("PRAGMA journal_mode = WAL")
                .fill("events", 20_000)
                .fill("other", 10)
                .run("DELETE FROM events WHERE id % 5 < 3");
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void rebuildsIndexesThatAreHalfEmpty() throws Exception {
        Done done = reindex.perform(order(auto()), application.database(), attempt);

        assertThat(report(done).rebuilt()).singleElement().satisfies(index -> {
            assertThat(index.index()).isEqualTo(EVENTS_AT);
            assertThat(index.bytesAfter()).isLessThan(index.bytesBefore() * 6 / 10);
        });
        assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
    }

    @Test
    void leavesSmallGainsAlone() throws Exception {
        Done done = reindex.perform(order(Reindex.auto()), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void rebuildsWhatIsNamed() throws Exception {
        Done all = reindex.perform(order(named(List.of(), List.of(), true)), application.database(), attempt);
        Done table = reindex.perform(
                order(named(List.of(TableName.parse("Other")), List.of(), false)), application.database(), attempt);
        Done index =
                reindex.perform(order(named(List.of(), List.of(EVENTS_AT), false)), application.database(), attempt);

        assertThat(report(all).rebuilt()).hasSize(2);
        assertThat(report(table).rebuilt())
                .extracting(Reindex.Index::index)
                .containsExactly(TableName.parse("other_at"));
        assertThat(report(index).rebuilt()).extracting(Reindex.Index::index).containsExactly(EVENTS_AT);
    }

    @Test
    void rebuildsNothingOnADryRun() throws Exception {
        long before = bytes();

        Done done = reindex.perform(dryRun(auto()), application.database(), attempt);

        assertThat(report(done).rebuilt()).hasSize(1);
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void refusesAnIndexThatIsNotThere() throws Exception {
        Done done = reindex.perform(
                order(named(List.of(), List.of(TableName.parse("gone")), false)), application.database(), attempt);

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_TABLE);
    }

    private long bytes() throws Exception {
        return application.number("SELECT sum(pgsize) FROM dbstat WHERE name = 'events_at'");
    }

    private static Reindex auto() {
        return new Reindex(List.of(), List.of(), false, Optional.of(0.5), Optional.of(100_000L));
    }

    private static Reindex named(List<TableName> tables, List<TableName> indexes, boolean all) {
        return new Reindex(tables, indexes, all, Optional.empty(), Optional.empty());
    }

    private static Reindex.Report report(Done done) {
        return (Reindex.Report) done.report().orElseThrow();
    }
}
