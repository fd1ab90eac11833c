package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.PlanHash;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a purge promises on every engine. */
abstract class PurgeContract extends OnSite {
    private static final String EDGE = "2026-08-23T02:00:00Z";

    private void events() throws Exception {
        site.execute("CREATE TABLE events (id ${id}, created_at ${time}, status TEXT)");
    }

    @Test
    void deletesOldRunsWithAllThatDependsOnThem() throws Exception {
        AuditSchema.create(site);
        AuditSchema.run(site, 1, OLD);
        AuditSchema.run(site, 2, NEW);

        Done done = site.purge(Site.of(Site.rule("runs", "started_at")));

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Site.rows(done))
                .isEqualTo(Map.of(
                        "runs",
                        1L,
                        "rows",
                        2L,
                        "nodes",
                        2L,
                        "edges",
                        1L,
                        "artifacts",
                        1L,
                        "checkpoints",
                        1L,
                        "token_outcomes",
                        1L,
                        "tokens",
                        2L,
                        "node_states",
                        2L,
                        "routing_events",
                        2L));
        assertThat(site.column("SELECT run_id FROM runs")).containsExactly("2");
        for (String table : List.of("rows", "nodes", "tokens", "node_states", "routing_events")) {
            assertThat(site.column("SELECT * FROM " + table + " ORDER BY 1")).containsExactly("21", "22");
        }
        for (String table : List.of("edges", "artifacts", "checkpoints", "token_outcomes")) {
            assertThat(site.column("SELECT * FROM " + table)).containsExactly("2");
        }
    }

    @Test
    void saysInADryRunWhatWouldGoAndChangesNothing() throws Exception {
        AuditSchema.create(site);
        AuditSchema.run(site, 1, OLD);
        AuditSchema.run(site, 2, "2026-02-01T00:00:00Z");
        AuditSchema.run(site, 3, NEW);

        Done dry = site.dryRun(Site.of(Site.rule("runs", "started_at")));

        assertThat(dry.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column("SELECT count(*) FROM routing_events")).containsExactly("6");
        Purge.Report report = Site.report(dry);
        Purge.Table runs = report.tables().get(0);
        assertThat(runs.table().table()).isEqualTo("runs");
        assertThat(runs.rows()).isEqualTo(2);
        assertThat(runs.oldest()).contains(Instant.parse(OLD));
        assertThat(runs.newest()).contains(Instant.parse("2026-02-01T00:00:00Z"));
        assertThat(runs.cutoff()).contains(Instant.parse(EDGE));
        assertThat(PlanHash.check(report.planHash())).isNotEmpty();
        assertThat(report.missingIndexes()).anyMatch(index -> index.endsWith("checkpoints(run_id)"));
        assertThat(Site.rows(dry)).isEqualTo(Site.rows(site.purge(Site.of(Site.rule("runs", "started_at")))));
    }

    @Test
    void keepsRowsExactlyAsOldAsTheRetention() throws Exception {
        events();
        site.execute(
                "INSERT INTO events VALUES (1, '2026-08-23T01:59:59.999999Z', 'a'), (2, '" + EDGE
                        + "', 'a'), (3, '2026-08-23T02:00:00.000001Z', 'a')",
                "INSERT INTO events VALUES (4, NULL, 'a'), (5, '2099-01-01T00:00:00Z', 'a')");

        site.purge(Site.of(Site.rule("events", "created_at")));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("2", "3", "4", "5");
    }

    @Test
    void saysSoWhenThereIsNothingToDelete() throws Exception {
        events();
        site.execute("INSERT INTO events VALUES (1, '" + NEW + "', 'a')");

        Done done = site.purge(Site.archiving(Site.rule("events", "created_at")));

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void refusesToDeleteMoreThanTheAllowedShare() throws Exception {
        events();
        site.with("max-share", "0.5");
        site.execute(
                "INSERT INTO events VALUES (1, '" + OLD + "', 'a'), (2, '" + OLD + "', 'a'), (3, '" + NEW + "', 'a')");

        Done done = site.purge(Site.of(Site.rule("events", "created_at")));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
        assertThat(done.reason().orElseThrow().message()).contains("66.7 %", "2 of 3");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("3");
    }

    @Test
    void refusesToKeepRowsForLessThanTheFloor() throws Exception {
        events();
        Purge.Rule rule = new Purge.Rule(
                dev.upkeep.common.id.TableName.parse("events"),
                dev.upkeep.common.id.ColumnName.parse("created_at"),
                Duration.ofHours(1),
                Optional.empty(),
                List.of());

        Done done = site.purge(Site.of(rule));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("keep: PT1H", "P1D");
    }

    @Test
    void refusesAPlanThatDriftedSinceTheDryRun() throws Exception {
        AuditSchema.create(site);
        AuditSchema.run(site, 1, OLD);
        Purge purge = Site.of(Site.rule("runs", "started_at"));
        String hash = Site.report(site.dryRun(purge)).planHash();
        site.execute("CREATE TABLE notes (id ${id}, run_id ${big} REFERENCES runs)");

        Done done = site.perform(
                new Order<>(new CommandId("c"), purge, Site.AS_OF, false, Optional.of(hash)), new FreeAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.PLAN_DRIFTED);
        assertThat(site.column("SELECT count(*) FROM runs")).containsExactly("1");
    }

    @Test
    void purgesWhenThePlanIsThatOfTheDryRun() throws Exception {
        AuditSchema.create(site);
        AuditSchema.run(site, 1, OLD);
        Purge purge = Site.of(Site.rule("runs", "started_at"));
        String hash = Site.report(site.dryRun(purge)).planHash();

        Done done = site.perform(
                new Order<>(new CommandId("c"), purge, Site.AS_OF.plusSeconds(60), false, Optional.of(hash)),
                new FreeAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void demandsAVerifiedBackupThatIsYoungEnough() throws Exception {
        events();
        site.execute("INSERT INTO events VALUES (1, '" + OLD + "', 'a')");
        Purge purge = new Purge(
                List.of(Site.rule("events", "created_at")),
                Optional.empty(),
                Optional.of(Duration.ofHours(24)),
                Optional.empty(),
                false,
                Optional.empty());

        Done without = site.purge(purge);
        site.backup = Optional.of(Instant.now().minus(Duration.ofHours(25)));
        Done withOld = site.purge(purge);
        site.backup = Optional.of(Instant.now().minus(Duration.ofHours(23)));
        Done withYoung = site.purge(purge);

        assertThat(without.reason().orElseThrow().code()).isEqualTo(Code.BACKUP_MISSING);
        assertThat(withOld.reason().orElseThrow().code()).isEqualTo(Code.BACKUP_MISSING);
        assertThat(withYoung.outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void goesOnWhereItStoppedWhenTimeRanOut() throws Exception {
        events();
        site.with("batch-rows", "10").with("batch-duration", "PT10S");
        StringBuilder rows = new StringBuilder("INSERT INTO events VALUES (0, '" + NEW + "', 'a')");
        for (int i = 1; i <= 100; i++) {
            rows.append(", (").append(i).append(", '").append(OLD).append("', 'a')");
        }
        site.execute(rows.toString());
        Order<Purge> order = Site.order(Site.of(Site.rule("events", "created_at")), Site.AS_OF);
        FreeAttempt attempt = new FreeAttempt().stopAfter(3);

        Done first = site.perform(order, attempt);
        Done second = site.perform(order, attempt.stopAfter(Integer.MAX_VALUE));

        assertThat(first.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(Site.rows(first)).isEqualTo(Map.of("events", 30L));
        assertThat(second.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Site.rows(second)).isEqualTo(Map.of("events", 100L));
        assertThat(site.column("SELECT id FROM events")).containsExactly("0");
    }

    @Test
    void namesAColumnOrTableThatIsNotThere() throws Exception {
        events();

        Done column = site.purge(Site.of(Site.rule("events", "nothing")));
        Done table = site.purge(Site.of(Site.rule("nothing", "created_at")));

        assertThat(column.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_COLUMN);
        assertThat(table.reason().orElseThrow().code()).isEqualTo(Code.NO_SUCH_TABLE);
    }

    @Test
    void refusesViews() throws Exception {
        events();
        site.execute("CREATE VIEW seen AS SELECT * FROM events");

        Done done = site.purge(Site.of(Site.rule("seen", "created_at")));

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
    }
}
