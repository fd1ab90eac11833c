package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SqliteAttackTest extends AttackContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "TEXT COLLATE NOCASE, TEXT, another collation",
        "TEXT, TEXT COLLATE NOCASE, another collation",
        "TEXT, INTEGER, does not compare",
        "TEXT, BLOB, does not compare",
        "BLOB, NUMERIC, does not compare",
    })
    void refusesReferencesThatAreComparedByOtherRules(String parent, String child, String why) throws Exception {
        site.execute(
                "CREATE TABLE parents (code " + parent + " PRIMARY KEY, at TEXT)",
                "CREATE TABLE children (id INTEGER PRIMARY KEY, code " + child
                        + " REFERENCES parents ON DELETE CASCADE)",
                "INSERT INTO parents VALUES ('01', '" + OLD + "')");

        refuses(Site.archiving(parents()), Code.UNSUPPORTED, "children", why);
    }

    @ParameterizedTest
    @CsvSource({
        "INTEGER, TEXT",
        "INTEGER, BLOB",
        "NUMERIC, REAL",
        "VARCHAR(3), CLOB",
        "BLOB, TEXT",
        "TEXT COLLATE NOCASE, TEXT COLLATE NOCASE",
    })
    void followsReferencesThatAreComparedAlike(String parent, String child) throws Exception {
        site.execute(
                "CREATE TABLE parents (code " + parent + " PRIMARY KEY, at TEXT)",
                "CREATE TABLE children (id INTEGER PRIMARY KEY, code " + child
                        + " REFERENCES parents ON DELETE CASCADE)",
                "CREATE INDEX by_code ON children (code)",
                "INSERT INTO parents VALUES ('1', '" + OLD + "'), ('2', '" + NEW + "')",
                "INSERT INTO children VALUES (1, '1'), (2, '2'), (3, '1'), (4, NULL)");

        Done done = site.purge(Site.archiving(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "children", 2L));
        site.restore(receipt(done));
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("1", "2", "3", "4");
    }

    @Test
    void protectsATableHoweverItsNameIsWritten() throws Exception {
        site.with("databases.app.protect[0]", "CHILDREN");
        family();

        refuses(Site.of(parents()), Code.GUARDRAIL, "children", "is protected");
    }

    @Test
    void doesNotTakeATableForATemporaryOneOfItsOwn() throws Exception {
        site.execute(
                "CREATE TABLE upkeep_doomed_0 (id INTEGER PRIMARY KEY, seq INTEGER, k0 INTEGER, at TEXT)",
                "INSERT INTO upkeep_doomed_0 VALUES (1, 1, 1, '" + OLD + "'), (2, 2, 2, '" + NEW + "')");

        Done done = site.purge(Site.archiving(Site.rule("upkeep_doomed_0", "at")));
        List<String> left = site.column("SELECT id FROM upkeep_doomed_0");
        site.restore(receipt(done));

        assertThat(left).containsExactly("2");
        assertThat(site.column("SELECT id FROM upkeep_doomed_0")).containsExactly("1", "2");
    }

    @Test
    void knowsRowsByAnotherNameWhereColumnsAreCalledRowid() throws Exception {
        site.execute(
                "CREATE TABLE parents (rowid TEXT, \"OID\" TEXT, at TEXT)",
                "INSERT INTO parents VALUES ('x', 'y', '" + OLD + "'), ('x', 'y', '" + NEW + "')",
                "CREATE TABLE hopeless (rowid, oid, _rowid_, at TEXT)",
                "INSERT INTO hopeless VALUES (1, 1, 1, '" + OLD + "')");

        site.purge(Site.of(parents()));

        assertThat(site.column("SELECT at FROM parents")).containsExactly(NEW);
        refuses(Site.of(Site.rule("hopeless", "at")), Code.UNSUPPORTED, "cannot be named");
    }

    @Test
    void seesATriggerBehindAComment() throws Exception {
        site.execute(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY, at TEXT)",
                "CREATE INDEX by_at ON parents (at)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "CREATE TRIGGER keep BEFORE DELETE /* of\nany */ ON parents BEGIN SELECT RAISE(IGNORE); END");

        assertThat(catchThrowable(() -> site.purge(Site.of(parents())))).hasMessageContaining("deleted only 0");
        assertThat(site.column("SELECT id FROM parents")).containsExactly("1");
    }

    @Test
    void beginsAnewWhenTheIndexThatItWalkedIsGone() throws Exception {
        site.with("batch-rows", "10").with("batch-duration", "PT10S");
        site.execute(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY, at TEXT, body TEXT)",
                "CREATE INDEX by_at ON parents (at)");
        for (int i = 1; i <= 40; i++) {
            site.execute("INSERT INTO parents VALUES (" + i + ", '" + OLD + "', 'x')");
        }
        FreeAttempt attempt = new FreeAttempt().stopAfter(2);

        Done tonight =
                site.perform(Site.order(Site.archiving(parents()), Site.AS_OF.minus(Duration.ofDays(1))), attempt);
        site.execute("DROP INDEX by_at");
        Done tomorrow =
                site.perform(Site.order(Site.archiving(parents()), Site.AS_OF), attempt.stopAfter(Integer.MAX_VALUE));

        assertThat(tonight.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(tomorrow.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column("SELECT id FROM parents")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void bringsBackRowsOfTablesOfEveryKind(Purge.Archive format) throws Exception {
        site.execute(
                "CREATE TABLE parents (a TEXT COLLATE NOCASE, b BLOB, c REAL, at TEXT, PRIMARY KEY (a, b, c)) WITHOUT ROWID",
                "CREATE TABLE children (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, b BLOB, c REAL,"
                        + " FOREIGN KEY (a, b, c) REFERENCES parents)",
                "CREATE INDEX by_parent ON children (a, b, c)",
                "CREATE TABLE strict (id INT PRIMARY KEY, at TEXT, i INTEGER, r REAL, t TEXT, b BLOB, x ANY) STRICT",
                "INSERT INTO parents VALUES ('A', x'00ff', 1.5, '" + OLD + "'), ('B', x'', -0.0, '" + NEW + "'), ('C',"
                        + " 'text', 1e300, '" + OLD + "')",
                "INSERT INTO children (a, b, c) SELECT lower(a), b, c FROM parents",
                "INSERT INTO strict VALUES (1, '" + OLD + "', 1, 1, '1', x'31', '1'), (2, '" + OLD
                        + "', NULL, 9e999, 'é', x'', 1.0), (3, '" + OLD
                        + "', 9223372036854775807, -0.0, '', x'00', x'00')");
        String all = "SELECT 'p' || a || hex(b) || typeof(b) || c || at AS row FROM parents"
                + " UNION ALL SELECT 'c' || id || a || hex(b) || typeof(b) || c FROM children"
                + " UNION ALL SELECT 's' || id || coalesce(i, '') || typeof(i) || printf('%!.20e', r) || typeof(r) || hex(t)"
                + " || hex(b) || typeof(b) || hex(x) || typeof(x) FROM strict ORDER BY 1";
        List<String> before = site.column(all);

        Done done = site.purge(Site.archiving(format, parents(), Site.rule("strict", "at")));
        List<String> left = site.column(all);
        site.restore(receipt(done));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 2L, "children", 2L, "strict", 3L));
        assertThat(left).hasSize(2);
        assertThat(site.column(all)).isEqualTo(before).hasSize(9);
    }

    @ParameterizedTest
    @CsvSource({"UTF-16le, JSON_LINES", "UTF-16le, CSV", "UTF-16be, JSON_LINES", "UTF-16be, CSV"})
    void bringsBackTextsOfFilesInUtf16(String encoding, Purge.Archive format) throws Exception {
        site.close();
        site = new SqliteSite(folder, "wide.db") {
            @Override
            void prepare() throws java.sql.SQLException {
                execute("PRAGMA encoding = '" + encoding + "'");
            }
        };
        site.execute(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY, at TEXT, body TEXT)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 'plain é 😀 \"q\"'), (2, '" + OLD + "', ''), (3, '" + OLD
                        + "', char(0, 65, 0)), (4, '" + OLD + "', char(65279, 120)), (5, '" + NEW + "', 'n'),"
                        // halves of pairs, in either order of bytes
                        + " (6, '" + OLD + "', CAST(x'00D84100' AS TEXT)), (7, '" + OLD
                        + "', CAST(x'D8000041' AS TEXT))");
        String all = "SELECT id || ' ' || typeof(body) || hex(CAST(body AS BLOB)) FROM parents ORDER BY id";
        List<String> before = site.column(all);

        Done done = site.purge(Site.archiving(format, parents()));
        List<String> left = site.column(all);
        site.restore(receipt(done));

        assertThat(site.column("PRAGMA encoding")).containsExactly(encoding);
        assertThat(left).hasSize(1);
        assertThat(site.column(all)).isEqualTo(before);
    }
}
