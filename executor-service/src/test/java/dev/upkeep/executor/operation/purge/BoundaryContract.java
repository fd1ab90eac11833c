package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where purges of others go wrong: times in numbers and texts, references of every kind, triggers, odd names. */
abstract class BoundaryContract extends OnSite {
    private static final Instant CUTOFF = Instant.parse("2026-08-23T02:00:00Z");

    static Purge.Rule rule(String table, String column, Optional<Purge.TimeFormat> format, Condition... where) {
        return new Purge.Rule(
                TableName.parse(table), ColumnName.parse(column), Duration.ofDays(90), format, List.of(where));
    }

    private Purge.Rule parents() {
        return Site.rule("parents", "at");
    }

    @Test
    void readsSecondsSinceTheEpoch() throws Exception {
        long cutoff = CUTOFF.getEpochSecond();
        site.execute(
                "CREATE TABLE events (id ${id}, at ${big})",
                "INSERT INTO events VALUES (1, " + (cutoff - 1) + "), (2, " + cutoff + "), (3, " + (cutoff + 1)
                        + "), (4, NULL)");

        site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.EPOCH_SECONDS))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("2", "3", "4");
    }

    @Test
    void readsMillisecondsSinceTheEpoch() throws Exception {
        long cutoff = CUTOFF.toEpochMilli();
        site.execute(
                "CREATE TABLE events (id ${id}, at ${big})",
                "INSERT INTO events VALUES (1, " + (cutoff - 1) + "), (2, " + cutoff + "), (3, " + (cutoff + 1) + ")",
                "CREATE INDEX events_at ON events (at)");

        site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.EPOCH_MILLIS))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("2", "3");
    }

    @Test
    void refusesSecondsThatAreSaidToBeMilliseconds() throws Exception {
        site.execute(
                "CREATE TABLE events (id ${id}, at ${big})",
                "INSERT INTO events VALUES (1, " + Site.AS_OF.getEpochSecond() + ")");

        Done done = site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.EPOCH_MILLIS))));

        assertThat(done.reason().orElseThrow().message()).contains("look like seconds");
        assertThat(site.column("SELECT id FROM events")).containsExactly("1");
    }

    @Test
    void refusesNumbersWithoutAFormat() throws Exception {
        site.execute("CREATE TABLE events (id ${id}, at ${big})");

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("format: absent", "epoch-seconds");
    }

    @Test
    void readsIsoTextsAndLeavesWhatIsNone() throws Exception {
        site.execute(
                "CREATE TABLE events (id ${id}, at TEXT)",
                "INSERT INTO events VALUES (1, '2026-08-23T01:59:59Z'), (2, '2026-08-23 01:59:59.999'), (3,"
                        + " '2026-08-22'), (4, '2026-08-23T01:59:59+00:00'), (5, '2026-08-23T02:00:00Z'), (6, '2026-08-23"
                        + " 02:00:00.000'), (7, '2026-08-23'), (8, ''), (9, 'yesterday'), (10,"
                        + " '2020-01-01T00:00:00+05:00'), (11, '20200101'), (12, NULL), (13, '2020'), (14, '2020-01-01"
                        + " 00:00:00.'), (15, '2020-01-01 00:00:00; --')");

        site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.ISO_TEXT))));

        assertThat(site.column("SELECT id FROM events ORDER BY id"))
                .containsExactly("5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15");
    }

    @Test
    void deletesOnlyRowsThatMeetTheConditions() throws Exception {
        site.execute(
                "CREATE TABLE events (id ${id}, at ${time}, status TEXT, kind ${big})",
                "CREATE INDEX events_at ON events (at)",
                "INSERT INTO events VALUES (1, '" + OLD + "', 'done', 1), (2, '" + OLD + "', 'failed', 1), (3, '" + OLD
                        + "', NULL, 1), (4, '" + OLD + "', 'done', 2), (5, '" + NEW + "', 'done', 1)");

        site.purge(Site.of(rule(
                "events",
                "at",
                Optional.empty(),
                new Condition(ColumnName.parse("status"), Condition.Operator.IN, List.of("done", "it's")),
                new Condition(ColumnName.parse("kind"), Condition.Operator.NOT_IN, List.of("2")))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("2", "3", "4", "5");
    }

    @Test
    void getsPastManyOldRowsThatAConditionKeeps() throws Exception {
        site.with("batch-rows", "5");
        StringBuilder rows = new StringBuilder("INSERT INTO events VALUES (0, '" + OLD + "', 'done')");
        for (int i = 1; i <= 300; i++) {
            rows.append(", (")
                    .append(i)
                    .append(", '")
                    .append(OLD)
                    .append("', '")
                    .append(i == 299 ? "done" : "kept")
                    .append("')");
        }
        site.execute(
                "CREATE TABLE events (id ${id}, at ${time}, status TEXT)",
                "CREATE INDEX events_at ON events (at)",
                rows.toString());

        Done done = site.purge(Site.of(rule(
                "events",
                "at",
                Optional.empty(),
                new Condition(ColumnName.parse("status"), Condition.Operator.IN, List.of("done")))));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 2L));
    }

    @Test
    void deletesOneParentsManyChildrenInSlices() throws Exception {
        site.with("batch-rows", "10");
        StringBuilder rows = new StringBuilder("INSERT INTO children VALUES (0, 1)");
        for (int i = 1; i < 200; i++) {
            rows.append(", (").append(i).append(", ").append(i % 2 + 1).append(")");
        }
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents)",
                "CREATE INDEX children_parent ON children (parent)",
                "INSERT INTO parents VALUES (1, '" + OLD + "'), (2, '" + NEW + "')",
                rows.toString());

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "children", 100L));
        assertThat(Site.report(done).batches()).isGreaterThan(10);
        assertThat(site.column("SELECT count(*) FROM children")).containsExactly("100");
    }

    @Test
    void followsATableThatRefersToItself() throws Exception {
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time}, reply_to ${big} REFERENCES parents)",
                "CREATE INDEX parents_reply ON parents (reply_to)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', NULL)",
                "INSERT INTO parents VALUES (2, '" + NEW + "', 1)",
                "INSERT INTO parents VALUES (3, '" + NEW + "', 2), (4, '" + NEW + "', NULL)");

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 3L));
        assertThat(site.column("SELECT id FROM parents")).containsExactly("4");
    }

    @Test
    void leavesChildrenWhoseReferenceTheSchemaSetsToNull() throws Exception {
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents ON DELETE SET NULL)",
                "CREATE INDEX children_parent ON children (parent)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (7, 1)");

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L));
        assertThat(site.column("SELECT id FROM children WHERE parent IS NULL")).containsExactly("7");
        assertThat(Site.report(done).warnings()).anyMatch(warning -> warning.contains("stay"));
    }

    @Test
    void refusesToReachAProtectedTableAndSaysByWhichPath() throws Exception {
        site.with("databases.app.protect[0]", "invoices");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents)",
                "CREATE TABLE invoices (id ${id}, child ${big} REFERENCES children)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')");

        Done done = site.purge(Site.of(parents()));

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
        assertThat(done.reason().orElseThrow().message()).containsPattern("parents <- .*children <- .*invoices");
    }

    @Test
    void refusesALargeChildWithoutAnIndexOnItsReference() throws Exception {
        site.with("max-unindexed-rows", "2");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (1, 1), (2, 1), (3, 1)");

        Done done = site.purge(Site.of(parents()));

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
        assertThat(done.reason().orElseThrow().message()).contains("children", "without an index on parent");
        assertThat(site.column("SELECT count(*) FROM children")).containsExactly("3");
    }

    @Test
    void refusesWhileSomethingGoesOn() throws Exception {
        site.with("databases.app.active-while.pipeline.table", "parents")
                .with("databases.app.active-while.pipeline.column", "state")
                .with("databases.app.active-while.pipeline.values[0]", "running");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time}, state TEXT)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 'done'), (2, '" + NEW + "', 'running')");

        Done during = site.purge(Site.of(parents()));
        site.execute("UPDATE parents SET state = 'done'");
        Done after = site.purge(Site.of(parents()));

        assertThat(during.reason().orElseThrow().code()).isEqualTo(Code.SESSION_ACTIVE);
        assertThat(after.outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void refusesABadConfigurationWhenItStarts() {
        site.with("databases.app.links[0]", "rows(run_id) to runs");
        assertThat(catchThrowable(() -> site.purge(Site.of(parents()))))
                .hasMessageContaining("links: rows(run_id) to runs", "child(column");
        site.with("databases.app.links[0]", "rows(run_id) -> runs(run_id)").with("max-share", "1.5");
        assertThat(catchThrowable(() -> site.purge(Site.of(parents()))))
                .hasMessageContaining("upkeep.purge.max-share: 1.5");
    }

    @Test
    void findsTablesWithOddNames() throws Exception {
        site.execute(
                "CREATE TABLE \"Order: x-1.y\" (id ${id}, \"select\" ${time})",
                "INSERT INTO \"Order: x-1.y\" VALUES (1, '" + OLD + "'), (2, '" + NEW + "')");

        site.purge(Site.archiving(Site.rule("\"Order: x-1.y\"", "select")));

        assertThat(site.column("SELECT id FROM \"Order: x-1.y\"")).containsExactly("2");
    }

    @Test
    void stopsAPurgeOfManyTimesTheUsual() throws Exception {
        site.execute("CREATE TABLE parents (id ${id}, at ${time})");
        site.with("max-deviation", "2");
        Purge purge = Site.of(parents());
        for (int day = 0; day < 3; day++) {
            site.execute("INSERT INTO parents VALUES (" + day + ", '" + OLD + "')");
            assertThat(site.perform(Site.order(purge, Site.AS_OF.plusSeconds(-day)), new FreeAttempt())
                            .outcome())
                    .isEqualTo(Outcome.SUCCEEDED);
        }
        StringBuilder rows = new StringBuilder("INSERT INTO parents VALUES (0, '" + OLD + "')");
        for (int i = 1; i <= 10_001; i++) {
            rows.append(", (").append(i).append(", '").append(OLD).append("')");
        }
        site.execute(rows.toString());

        Done done = site.perform(Site.order(purge, Site.AS_OF.plusSeconds(1)), new FreeAttempt());

        assertThat(done.reason().orElseThrow().message()).contains("deviation: 10002 rows");
    }
}
