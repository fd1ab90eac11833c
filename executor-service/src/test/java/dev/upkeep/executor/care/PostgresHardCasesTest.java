package dev.upkeep.executor.care;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Scratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every task on names that need quotes, several schemas, partitions, materialized views, and tables that are not ours; and on a standby. */
class PostgresHardCasesTest {
    private static final String FOOTPRINT =
            "SELECT string_agg(c.relname || ' ' || c.relfilenode || ' ' || age(c.relfrozenxid) % 1 || ' '"
                    + " || coalesce(s.last_vacuum::text, '-') || coalesce(s.last_analyze::text, '-') || coalesce(c.reloptions::text, ''), ', ' ORDER BY c.relname)"
                    + " FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.relname LIKE 'owned%' OR c.relname LIKE 'passing%'";
    private static final Set<String> FOR_STANDBYS =
            Set.of("health-check", "assess", "index-health", "integrity-check", "terminate-idle", "cancel-queries");

    @Test
    void everyTaskDoesItsWorkAndLeavesWhatIsNotOursAlone() throws Exception {
        PostgresFixture database = PostgresFixture.create();
        database.sql(PostgresCare.SCHEMA.toArray(String[]::new));
        try (Connection application = database.connect()) {
            PostgresFixture.run(
                    application,
                    "CREATE TEMP TABLE passing (id int PRIMARY KEY)",
                    "INSERT INTO passing SELECT generate_series(1, 30000)",
                    "DELETE FROM passing WHERE id % 2 = 0");
            String footprint = database.value(FOOTPRINT);
            List<String> findings = new ArrayList<>();
            for (String json : PostgresCare.TASKS) {
                Task task = PostgresCare.task(json);

                Done done = PostgresCare.perform(database, task);

                assertThat(done.outcome())
                        .as("%s: %s", json, done.reason())
                        .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                done.findings().stream().map(Finding::object).forEach(findings::add);
            }

            assertThat(database.value(FOOTPRINT)).isEqualTo(footprint);
            assertThat(findings).noneMatch(object -> object.contains("owned") || object.contains("passing"));
            assertThat(database.value("SELECT count(*) FROM app.queue WHERE state = 'ready'"))
                    .isEqualTo("20");
            assertThat(database.value("SELECT count(*) FROM other.queue WHERE state = 'leased'"))
                    .isEqualTo("20");
            assertThat(database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'agg'::regclass"))
                    .isEqualTo("2");
            assertThat(database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'Weird Table'"))
                    .isEqualTo("0");
            assertThat(
                            database.value(
                                    "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'totals' AND last_vacuum IS NOT NULL"))
                    .isEqualTo("1");
            assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%ccnew%'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void aStandbyGetsOnlyWhatItCanDo() throws Exception {
        Path folder = Files.createTempDirectory("upkeep-standby-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (LocalPostgres primary =
                PostgresFixture.setup(folder.resolve("primary")).start()) {
            primary.address().createDatabase("replicated");
            PostgresFixture.on(primary.address(), "replicated").sql(PostgresCare.SCHEMA.toArray(String[]::new));
            PostgresFixture.makeStandby(primary, folder.resolve("primary"), folder.resolve("standby"));
            try (LocalPostgres standby =
                    PostgresFixture.setup(folder.resolve("standby")).start()) {
                PostgresFixture database = PostgresFixture.on(standby.address(), "replicated");
                for (String json : PostgresCare.TASKS) {
                    Task task = PostgresCare.task(json);

                    Done done = PostgresCare.perform(database, task);

                    if (FOR_STANDBYS.contains(task.name())) {
                        assertThat(done.outcome())
                                .as("%s: %s", json, done.reason())
                                .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                    } else {
                        assertThat(done.outcome()).as(json).isEqualTo(Outcome.REJECTED);
                        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.READ_ONLY);
                    }
                }
            }
        } finally {
            Scratch.delete(folder);
        }
    }
}
