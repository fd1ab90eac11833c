package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresBoundaryTest extends BoundaryContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }

    @Test
    void leavesInfiniteTimes() throws Exception {
        site.execute(
                "CREATE TABLE events (id int, at timestamptz)",
                "INSERT INTO events VALUES (1, '-infinity'), (2, 'infinity'), (3, '2026-01-01Z')");

        site.purge(Site.of(Site.rule("events", "at")));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void wantsToKnowTheZoneOfTimesWithoutOne() throws Exception {
        site.execute("CREATE TABLE events (id int, at timestamp)");

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(done.reason().orElseThrow().message()).contains("time-zone");
    }

    @Test
    void readsTimesWithoutZoneInTheStatedOne() throws Exception {
        site.with("databases.app.time-zone", "Europe/Berlin");
        site.execute(
                "CREATE TABLE events (id int, at timestamp)",
                "INSERT INTO events VALUES (1, '2026-08-23 03:59:59.999999'), (2, '2026-08-23 04:00:00')");

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(site.column("SELECT id FROM events")).containsExactly("2");
        assertThat(Site.report(done).tables().get(0).newest()).contains(Instant.parse("2026-08-23T01:59:59.999999Z"));
    }

    @Test
    void takesATimeThatTheClockShowsTwiceForTheLaterOne() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");

        assertThat(LocalTimes.bound(Instant.parse("2025-10-26T00:30:00Z"), berlin))
                .isEqualTo(LocalDateTime.parse("2025-10-26T02:00"));
        assertThat(LocalTimes.bound(Instant.parse("2025-10-26T01:30:00Z"), berlin))
                .isEqualTo(LocalDateTime.parse("2025-10-26T02:30"));
        assertThat(LocalTimes.bound(Instant.parse("2025-03-30T01:30:00Z"), berlin))
                .isEqualTo(LocalDateTime.parse("2025-03-30T03:30"));
    }

    @Test
    void leavesRowsOfTheCutoffsOwnDay() throws Exception {
        site.execute(
                "CREATE TABLE events (id int, at date)",
                "INSERT INTO events VALUES (1, '2026-08-22'), (2, '2026-08-23')");

        site.purge(Site.of(Site.rule("events", "at")));

        assertThat(site.column("SELECT id FROM events")).containsExactly("2");
    }

    @Test
    void purgesTablesThatReferToEachOtherInACircle() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int PRIMARY KEY, at timestamptz, best int)",
                "CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents ON DELETE RESTRICT)",
                "INSERT INTO parents VALUES (1, '2026-01-01Z', 1), (2, '2026-11-01Z', 2)",
                "INSERT INTO children VALUES (1, 1), (2, 2)",
                "ALTER TABLE parents ADD FOREIGN KEY (best) REFERENCES children",
                "CREATE INDEX ON children (parent)",
                "CREATE INDEX ON parents (best)");

        Done done = site.purge(Site.archiving(Site.rule("parents", "at")));
        Map<String, Long> rows = Site.rows(done);
        site.restore(Site.report(done).receipt().orElseThrow());

        assertThat(rows).isEqualTo(Map.of("parents", 1L, "children", 1L));
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "2");
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void copesWithTriggersThatChangeTheParent() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int PRIMARY KEY, at timestamptz, children int)",
                "CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents)",
                "CREATE INDEX ON children (parent)",
                "INSERT INTO parents VALUES (1, '2026-01-01Z', 2), (2, '2026-11-01Z', 0)",
                "INSERT INTO children VALUES (1, 1), (2, 1)",
                "CREATE FUNCTION count_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE public.parents SET"
                        + " children = children - 1 WHERE id = OLD.parent; RETURN OLD; END $$",
                "CREATE TRIGGER count_down AFTER DELETE ON children FOR EACH ROW EXECUTE FUNCTION count_down()");

        Done done = site.purge(Site.of(Site.rule("parents", "at")));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "children", 2L));
        assertThat(Site.report(done).warnings()).anyMatch(warning -> warning.contains("count_down"));
    }

    @Test
    void deletesNothingWhenATriggerKeepsRows() throws Exception {
        site.execute(
                "CREATE TABLE events (id int PRIMARY KEY, at timestamptz)",
                "INSERT INTO events VALUES (1, '2026-01-01Z'), (2, '2026-01-01Z')",
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF OLD.id = 1 THEN RETURN NULL; END IF; RETURN OLD; END $$",
                "CREATE TRIGGER keep BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep()");

        assertThat(catchThrowable(() -> site.purge(Site.of(Site.rule("events", "at")))))
                .hasMessageContaining("deleted only 1");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("2");
    }

    @Test
    void purgesAllPartitionsOfATable() throws Exception {
        site.execute(
                "CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01Z') TO ('2026-06-01Z')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-06-01Z') TO ('2026-12-01Z')",
                "CREATE TABLE events_rest PARTITION OF events DEFAULT",
                "INSERT INTO events VALUES (1, '2026-01-01Z'), (2, '2026-06-01Z'), (3, '2026-11-01Z'), (4,"
                        + " '2020-01-01Z'), (5, NULL)");

        Done done = site.purge(Site.archiving(Site.rule("events", "at")));
        Map<String, Long> rows = Site.rows(done);

        assertThat(rows).isEqualTo(Map.of("events", 3L));
        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("3", "5");
        site.restore(Site.report(done).receipt().orElseThrow());
        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void dropsPartitionsThatArePastAsAWhole() throws Exception {
        partitions();

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 3L));
        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("3", "4", "5", "6");
        assertThat(site.column("SELECT relid::text FROM pg_partition_tree('events') WHERE isleaf ORDER BY 1"))
                .containsExactly("events_2", "events_first", "events_rest");
    }

    @Test
    void namesInADryRunThePartitionsThatWouldBeDropped() throws Exception {
        partitions();

        Purge.Report report = Site.report(site.dryRun(Site.of(Site.rule("events", "at"))));

        assertThat(report.warnings())
                .filteredOn(line -> line.startsWith("partition "))
                .singleElement()
                .asString()
                .matches(
                        "partition public\\.events_1 would be dropped as a whole: 1 rows, \\d+ bytes with its indexes");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("7");
        assertThat(Site.report(site.dryRun(Site.archiving(Site.rule("events", "at"))))
                        .warnings())
                .anyMatch(line -> line.startsWith(
                        "partition public.events_1 would be archived and dropped as a whole: 1 rows, "));
    }

    @Test
    void dropsNoPartitionWhenItMustNot() throws Exception {
        partitions();
        site.with("drop-partitions", "false");

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(Site.rows(done)).isEqualTo(Map.of("events", 3L));
        assertThat(site.column("SELECT relid::text FROM pg_partition_tree('events') WHERE isleaf"))
                .hasSize(4);
    }

    @Test
    void deletesThePartitionsRowsWhenSomeoneHoldsALock() throws Exception {
        partitions();
        try (Connection other = ((PostgresSite) site).server().connect(((PostgresSite) site).name());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("SELECT * FROM events_1");

            Done done = site.purge(Site.of(Site.rule("events", "at")));

            assertThat(Site.rows(done)).isEqualTo(Map.of("events", 3L));
        }
        assertThat(site.column("SELECT relid::text FROM pg_partition_tree('events') WHERE isleaf"))
                .hasSize(4);
    }

    private void partitions() throws Exception {
        site.execute(
                "CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at)",
                "CREATE TABLE events_first PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01Z')",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01Z') TO ('2026-06-01Z')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-06-01Z') TO ('2026-12-01Z')",
                "CREATE TABLE events_rest PARTITION OF events DEFAULT",
                "INSERT INTO events VALUES (1, '2026-01-01Z'), (2, '2026-06-01Z'), (3, '2026-11-01Z'),"
                        + " (4, '-infinity'), (5, NULL), (6, '2027-01-01Z'), (7, '2025-01-01Z')");
    }

    @Test
    void refusesWhatIsNoOrdinaryTable() throws Exception {
        site.execute(
                "CREATE MATERIALIZED VIEW seen AS SELECT now() AS at",
                "CREATE TABLE base (id int, at timestamptz)",
                "CREATE TABLE heir () INHERITS (base)",
                "CREATE TABLE ruled (id int, at timestamptz)",
                "CREATE RULE keep AS ON DELETE TO ruled DO INSTEAD NOTHING");

        for (String table : new String[] {"seen", "base", "ruled"}) {
            assertThat(site.purge(Site.of(Site.rule(table, "at")))
                            .reason()
                            .orElseThrow()
                            .code())
                    .as(table)
                    .isEqualTo(Code.UNSUPPORTED);
        }
        assertThat(site.purge(Site.of(Site.rule("pg_catalog.pg_class", "relname")))
                        .reason()
                        .orElseThrow()
                        .code())
                .isEqualTo(Code.GUARDRAIL);
    }

    @Test
    void refusesWhileAnApplicationIsConnected() throws Exception {
        site.with("databases.app.active-applications[0]", "pipeline-*");
        site.execute(
                "CREATE TABLE events (id int, at timestamptz)",
                "INSERT INTO events VALUES (1, '2026-01-01Z')",
                "SET application_name = 'pipeline-7'");

        Done during = site.purge(Site.of(Site.rule("events", "at")));
        site.execute("SET application_name = 'another'");
        Done after = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(during.reason().orElseThrow().code()).isEqualTo(Code.SESSION_ACTIVE);
        assertThat(after.outcome()).isEqualTo(Outcome.SUCCEEDED);
    }
}
