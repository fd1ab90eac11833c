package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How purges go on in the next window, how ranges of time are swept, and what is told afterwards. */
abstract class CarryOverContract extends OnSite {

    @BeforeEach
    void events() throws Exception {
        site.execute(
                "CREATE TABLE events (id ${id}, created_at ${time})", "CREATE INDEX by_time ON events (created_at)");
    }

    private static final Purge.Rule EVENTS = Site.rule("events", "created_at");

    /** Rows of these ids, the time of each a minute after that of the one before. */
    private void insert(String table, int from, int until, boolean isSameTime) throws Exception {
        site.execute(IntStream.range(from, until)
                .mapToObj(i -> "(" + i + ", '" + Instant.parse(OLD).plus(Duration.ofMinutes(isSameTime ? 0 : i)) + "')")
                .collect(Collectors.joining(", ", "INSERT INTO " + table + " VALUES ", "")));
    }

    @Test
    void goesOnInTheNextWindowAndTakesWhatCameBehindItsPlace() throws Exception {
        site.with("batch-rows", "10").with("batch-duration", "PT10S");
        insert("events", 1, 101, false);
        FreeAttempt attempt = new FreeAttempt().stopAfter(5);

        Done tonight = site.perform(Site.order(Site.of(EVENTS), Site.AS_OF.minus(Duration.ofDays(1))), attempt);
        insert("events", -3, 1, false);
        Done tomorrow = site.perform(Site.order(Site.of(EVENTS), Site.AS_OF), attempt.stopAfter(Integer.MAX_VALUE));

        assertThat(tonight.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(tonight.reason().orElseThrow().code()).isEqualTo(Code.WINDOW_CLOSED);
        assertThat(Site.rows(tonight)).isEqualTo(Map.of("events", 50L));
        assertThat(tomorrow.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Site.rows(tomorrow)).isEqualTo(Map.of("events", 54L));
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("0");
    }

    @Test
    void sweepsManyRowsOfOneInstantWithTheirChildren() throws Exception {
        site.with("batch-rows", "10");
        site.execute(
                "CREATE TABLE notes (id ${id}, event ${big} REFERENCES events ON DELETE CASCADE)",
                "CREATE INDEX by_event ON notes (event)",
                "CREATE TABLE words (id ${id}, note ${big} REFERENCES notes ON DELETE RESTRICT)",
                "CREATE INDEX by_note ON words (note)");
        insert("events", 1, 41, true);
        site.execute(
                "INSERT INTO events VALUES (99, '" + NEW + "')",
                "INSERT INTO notes SELECT id * 10, id FROM events UNION ALL SELECT id * 10 + 1, id FROM events",
                "INSERT INTO words SELECT id, id FROM notes");

        Done done = site.purge(Site.of(EVENTS));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 40L, "notes", 80L, "words", 80L));
        assertThat(site.column("SELECT note FROM words ORDER BY 1")).containsExactly("990", "991");
        assertThat(Site.report(done).batches()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void sweepsRangesOfTimeWithoutTheRowsThatAConditionKeeps() throws Exception {
        site.with("batch-rows", "20").with("batch-duration", "PT10S");
        insert("events", 1, 101, false);
        insert("events", 101, 151, true);
        site.execute("INSERT INTO events VALUES (999, '" + NEW + "')");
        FreeAttempt attempt = new FreeAttempt().stopAfter(3);
        Purge odd = Site.of(new Purge.Rule(
                EVENTS.table(),
                EVENTS.column(),
                EVENTS.keep(),
                EVENTS.format(),
                List.of(new Condition(
                        ColumnName.parse("id"),
                        Condition.Operator.NOT_IN,
                        IntStream.range(0, 75)
                                .mapToObj(i -> Integer.toString(2 * i))
                                .toList()))));

        Done tonight = site.perform(Site.order(odd, Site.AS_OF.minus(Duration.ofDays(1))), attempt);
        Done tomorrow = site.perform(Site.order(odd, Site.AS_OF), attempt.stopAfter(Integer.MAX_VALUE));

        assertThat(tonight.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(Site.rows(tonight).get("events") + Site.rows(tomorrow).get("events"))
                .isEqualTo(76);
        assertThat(site.column("SELECT id FROM events ORDER BY id"))
                .containsExactlyElementsOf(Stream.concat(
                                IntStream.range(1, 75).mapToObj(i -> Integer.toString(2 * i)), Stream.of("999"))
                        .toList());
    }

    @Test
    void sweepsRangesOfTimeWithTheirChildrenInBatches() throws Exception {
        site.with("batch-rows", "20").with("batch-duration", "PT10S");
        site.execute(
                "CREATE TABLE notes (id ${id}, event ${big} REFERENCES events)",
                "CREATE INDEX by_event ON notes (event)");
        insert("events", 1, 101, false);
        site.execute(
                "INSERT INTO events VALUES (999, '" + NEW + "')",
                "INSERT INTO notes SELECT id * 2, id FROM events UNION ALL SELECT id * 2 + 1, id FROM events");

        Done done = site.purge(Site.of(EVENTS));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 100L, "notes", 200L));
        assertThat(site.column("SELECT event FROM notes")).containsExactly("999", "999");
        // no batch has more than 20 notes
        assertThat(Site.report(done).batches()).isBetween(10L, 40L);
    }

    @Test
    void leavesChildrenWhoseReferenceTheSchemaSetsToItsDefault() throws Exception {
        site.execute(
                "CREATE TABLE notes (id ${id}, event ${big} DEFAULT 99 REFERENCES events ON DELETE SET DEFAULT)",
                "CREATE INDEX by_event ON notes (event)");
        insert("events", 1, 4, false);
        site.execute("INSERT INTO events VALUES (99, '" + NEW + "')", "INSERT INTO notes VALUES (7, 2), (8, 99)");

        Done done = site.purge(Site.of(EVENTS));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 3L));
        assertThat(site.column("SELECT event FROM notes ORDER BY id")).containsExactly("99", "99");
    }

    @Test
    void refusesToDeleteAllRows() throws Exception {
        site.with("max-share", "0.5");
        insert("events", 1, 21, false);

        Done done = site.purge(Site.of(EVENTS));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("100.0 %", "20 of 20");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("20");
    }

    @Test
    void measuresEachTableAndAdvisesAVacuum() throws Exception {
        site.execute(
                "CREATE TABLE notes (id ${id}, event ${big} REFERENCES events)",
                "CREATE INDEX by_event ON notes (event)");
        insert("events", 1, 1_502, false);
        site.execute(
                "INSERT INTO events VALUES (9999, '2026-11-20T02:00:00Z')",
                "INSERT INTO notes SELECT id, id FROM events");

        Done done = site.purge(Site.archiving(EVENTS));

        Map<String, Double> measured = new TreeMap<>();
        for (Measurement each : done.measurements()) {
            String table = each.labels().getOrDefault("table", "");
            measured.put(each.name() + " " + table.substring(table.indexOf('.') + 1), each.value());
        }
        assertThat(measured)
                .containsEntry("purge_deleted events", 1_501.0)
                .containsEntry("purge_deleted notes", 1_501.0)
                .containsEntry("purge_archived events", 1_501.0)
                .containsEntry("purge_archived notes", 1_501.0)
                .containsKeys("purge_duration ", "purge ", "oldest_record_age events");
        Purge.Table events = Site.report(done).tables().get(0);
        assertThat(events.bytes()).isPositive();
        assertThat(events.oldest()).contains(Instant.parse("2026-01-01T00:01:00Z"));
        assertThat(events.oldestLeft()).contains(Instant.parse("2026-11-20T02:00:00Z"));
        assertThat(done.findings()).extracting(Finding::check).contains("purge-freed-space");
    }
}
