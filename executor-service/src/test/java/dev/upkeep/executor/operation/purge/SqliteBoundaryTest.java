package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SqliteBoundaryTest extends BoundaryContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }

    @Test
    void looksAtEachValueByWhatItIs() throws Exception {
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at)",
                "INSERT INTO events VALUES (1, 5), (2, 5.5), (3, '5'), (4, x'35'), (5, -9e999), (6, 9e999)");

        site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.EPOCH_SECONDS))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).isEqualTo(List.of("3", "4", "5", "6"));
    }

    @Test
    void runsTheTriggersOfEachTable() throws Exception {
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)",
                "CREATE INDEX by_at ON events (at)",
                "CREATE TABLE log (id INTEGER)",
                "CREATE TRIGGER gone AFTER DELETE ON events BEGIN INSERT INTO log VALUES (old.id); END",
                "INSERT INTO events VALUES (1, '2026-01-01'), (2, '2026-01-02'), (3, '2026-11-01')");

        Done done = site.purge(Site.of(Site.rule("events", "at")));

        assertThat(site.column("SELECT id FROM log ORDER BY id")).containsExactly("1", "2");
        assertThat(Site.report(done).warnings()).anyMatch(warning -> warning.contains("gone"));
    }

    @Test
    void leavesTextsThatNoCalendarOrClockHas() throws Exception {
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)",
                "INSERT INTO events VALUES (1, '2019-13-01'), (2, '2019-12-39'), (3, '2019-01-01T29:00:00Z'),"
                        + " (4, '2019-01-01 10:00:69.5'), (5, '2019-01-01'), (6, '2019-12-31T23:59:59.25Z')");

        site.purge(Site.of(Site.rule("events", "at")));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("1", "2", "3", "4");
    }

    @Test
    void emptiesOneParentOfVeryManyChildrenInSlicesThoughTheyMayGoTogether() throws Exception {
        site.with("batch-rows", "200000");
        site.execute(
                "CREATE TABLE runs (id INTEGER PRIMARY KEY, at TEXT)",
                "CREATE INDEX by_at ON runs (at)",
                "CREATE TABLE lines (id INTEGER PRIMARY KEY, run INTEGER REFERENCES runs, text TEXT)",
                "CREATE INDEX lines_run ON lines (run)",
                "INSERT INTO runs VALUES (1, '2026-01-01'), (2, '2026-01-02'), (3, '2026-11-01')",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
                        + " INSERT INTO lines SELECT i, CASE WHEN i % 3000 = 0 THEN 3 ELSE 1 END, i FROM n");

        Done done = site.purge(Site.of(Site.rule("runs", "at")));

        assertThat(Site.rows(done)).isEqualTo(Map.of("runs", 2L, "lines", 299_900L));
        assertThat(site.column("SELECT count(*) FROM lines WHERE run = 3")).containsExactly("100");
        assertThat(Site.report(done).batches()).isGreaterThan(2);
    }

    @Test
    void findsTheChildrenOfAChildThatLosesItsReferenceToAnother() throws Exception {
        site.execute(
                "CREATE TABLE runs (id INTEGER PRIMARY KEY, at TEXT)",
                "CREATE INDEX by_at ON runs (at)",
                "CREATE TABLE steps (id INTEGER PRIMARY KEY, run INTEGER REFERENCES runs, UNIQUE (id, run))",
                "CREATE INDEX steps_run ON steps (run)",
                "CREATE TABLE lines (id INTEGER PRIMARY KEY, step INTEGER REFERENCES steps ON DELETE SET NULL,"
                        + " run INTEGER, FOREIGN KEY (step, run) REFERENCES steps (id, run))",
                "CREATE INDEX lines_step ON lines (step, run)",
                "INSERT INTO runs VALUES (1, '2026-01-01'), (2, '2026-11-01')",
                "INSERT INTO steps VALUES (10, 1), (20, 2)",
                "INSERT INTO lines VALUES (100, 10, 1), (101, NULL, 1), (200, 20, 2)");

        site.purge(Site.of(Site.rule("runs", "at")));

        assertThat(site.column("SELECT id FROM lines ORDER BY id")).containsExactly("101", "200");
    }

    @Test
    void isContentWhenOnlyTheAnalyzeMeetsALock() throws Exception {
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)", "INSERT INTO events VALUES (1, '2026-01-01')");
        FreeAttempt attempt = new FreeAttempt().between(() -> {
            try {
                site.execute("BEGIN IMMEDIATE");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        Done done = site.perform(Site.order(Site.of(Site.rule("events", "at")), Site.AS_OF), attempt);
        site.execute("COMMIT");

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Site.report(done).warnings()).anyMatch(warning -> warning.contains("was not analysed"));
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("0");
    }

    @Test
    void waitsForOtherWritersAndGoesOn() throws Exception {
        site.with("batch-rows", "1");
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)",
                "INSERT INTO events VALUES (1, '2026-01-01'), (2, '2026-01-01'), (3, '2026-01-01')");
        int[] pauses = {0};
        FreeAttempt attempt = new FreeAttempt().between(() -> {
            try {
                pauses[0]++;
                if (pauses[0] == 1) {
                    site.execute("BEGIN IMMEDIATE");
                } else if (pauses[0] == 3) {
                    site.execute("COMMIT");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        Done done = site.perform(Site.order(Site.of(Site.rule("events", "at")), Site.AS_OF), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(pauses[0]).isGreaterThan(3);
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("0");
    }

    @Test
    void refusesVirtualTablesAndThoseOfTheSystem() throws Exception {
        site.execute("CREATE VIRTUAL TABLE notes USING fts5(body)");

        Done virtual = site.purge(Site.of(Site.rule("notes", "body")));
        Done shadow = site.purge(Site.of(Site.rule("notes_data", "block")));
        Done system = site.purge(Site.of(Site.rule("sqlite_schema", "sql")));

        assertThat(virtual.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
        assertThat(shadow.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
        assertThat(system.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
    }
}
