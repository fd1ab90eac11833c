package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAttackTest extends AttackContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }

    @Test
    void refusesReferencesToASinglePartition() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z')",
                "CREATE TABLE children (id int, parent int, at timestamptz,"
                        + " FOREIGN KEY (parent, at) REFERENCES parents_1 ON DELETE CASCADE)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (1, 1, '" + OLD + "')");

        refuses(Site.archiving(parents()), Code.UNSUPPORTED, "children", "parents_1");
        assertThat(site.column("SELECT id FROM children")).containsExactly("1");
    }

    @Test
    void followsReferencesToPartitionedTablesAndOfThem() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2026-01-01Z') TO ('2026-07-01Z')",
                "CREATE TABLE parents_2 PARTITION OF parents FOR VALUES FROM ('2026-07-01Z') TO ('2027-01-01Z')",
                "CREATE TABLE children (id int, parent int, at timestamptz, FOREIGN KEY (parent, at) REFERENCES parents"
                        + " ON DELETE CASCADE) PARTITION BY HASH (id)",
                "CREATE TABLE children_1 PARTITION OF children FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE children_2 PARTITION OF children FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "CREATE INDEX ON children (parent, at)",
                // the same id in both partitions
                "INSERT INTO parents VALUES (1, '" + OLD + "'), (1, '" + NEW + "')",
                "INSERT INTO children SELECT g, 1, CASE WHEN g <= 5 THEN timestamptz '" + OLD + "' ELSE '" + NEW
                        + "' END FROM generate_series(1, 10) g");

        Done done = site.purge(Site.archiving(parents()));
        List<String> left = site.column("SELECT id FROM children ORDER BY id");
        site.restore(receipt(done));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "children", 5L));
        assertThat(left).containsExactly("6", "7", "8", "9", "10");
        assertThat(site.column("SELECT count(*) FROM children")).containsExactly("10");
        assertThat(site.column("SELECT tableoid::regclass FROM parents ORDER BY 1"))
                .containsExactly("parents_1", "parents_2");
    }

    @Test
    void purgesSubpartitionsDefaultsAndPartitionsOfAnotherColumnByRows() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int, at timestamptz, day date) PARTITION BY RANGE (day)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
                        + " PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1a PARTITION OF parents_1 FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z')",
                "CREATE TABLE parents_1b PARTITION OF parents_1 DEFAULT",
                "CREATE TABLE parents_2 PARTITION OF parents FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "CREATE TABLE parents_3 PARTITION OF parents DEFAULT",
                "INSERT INTO parents VALUES (1, '" + OLD + "', '2026-01-05'), (2, '" + NEW + "', '2026-01-05'), (3, '"
                        + NEW + "', '2026-02-01'), (4, '" + OLD + "', '2026-02-01'), (5, '" + OLD
                        + "', NULL), (6, NULL,"
                        + " '2020-01-01')");

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 3L));
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("2", "3", "6");
        assertThat(site.column("SELECT count(*) FROM pg_partition_tree('parents') WHERE isleaf"))
                .containsExactly("4");
    }

    @Test
    void dropsNoPartitionThatReachesToMinusInfinity() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int, at timestamp) PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('-infinity') TO ('2026-01-01')",
                "INSERT INTO parents VALUES (1, '-infinity'), (2, '2025-01-01')");
        site.with("databases.app.time-zone", "UTC");

        site.purge(Site.of(parents()));

        assertThat(site.column("SELECT id FROM parents")).containsExactly("1");
    }

    @Test
    void seesTheTriggersOfSinglePartitions() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int, at timestamptz) PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2025-01-01Z') TO ('2026-12-01Z')",
                "CREATE INDEX ON parents (at)",
                "INSERT INTO parents VALUES (1, '" + OLD + "'), (2, '" + OLD + "')",
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF OLD.id = 1 THEN RETURN NULL; END IF; RETURN OLD; END $$",
                "CREATE TRIGGER keep BEFORE DELETE ON parents_1 FOR EACH ROW EXECUTE FUNCTION keep()");

        assertThat(Site.report(site.dryRun(Site.of(parents()))).warnings())
                .anyMatch(warning -> warning.contains("triggers on delete: keep"));
        assertThat(catchThrowable(() -> site.purge(Site.of(parents())))).hasMessageContaining("deleted only 1");
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("2");
    }

    @Test
    void losesNothingWhenACommitFails() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int PRIMARY KEY, at timestamptz)",
                "CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED, body text)",
                "CREATE INDEX ON children (parent)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (1, 'a')",
                "CREATE TABLE armed (is_armed boolean)",
                "INSERT INTO armed VALUES (true)",
                "CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT is_armed FROM"
                        + " public.armed) THEN INSERT INTO public.children VALUES (OLD.id, 'late'); END IF; RETURN OLD;"
                        + " END $$",
                "CREATE TRIGGER again AFTER DELETE ON parents FOR EACH ROW EXECUTE FUNCTION again()");

        Throwable failure = catchThrowable(() -> site.purge(Site.archiving(parents())));
        List<String> stayed = site.column("SELECT body FROM children");
        site.execute("UPDATE armed SET is_armed = false");
        Done done = site.purge(Site.archiving(parents()));
        site.restore(receipt(done));

        assertThat(((Failure) failure).reason().code()).isEqualTo(Code.CONSTRAINT);
        assertThat(stayed).containsExactly("a");
        assertThat(site.column("SELECT id FROM parents")).containsExactly("1");
        assertThat(site.column("SELECT body FROM children")).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource({
        "char(5), varchar(5)",
        "text COLLATE folded, text",
        "label, label",
    })
    void refusesReferencesThatTheServerComparesByOtherRules(String parent, String child) throws Exception {
        ownRules();
        site.execute(
                "CREATE TABLE parents (code " + parent + " PRIMARY KEY, at timestamptz)",
                "CREATE TABLE children (id int, code " + child + " REFERENCES parents ON DELETE CASCADE)",
                "INSERT INTO parents VALUES ('x', '" + OLD + "')",
                "INSERT INTO children VALUES (1, 'x')");

        refuses(Site.archiving(parents()), Code.UNSUPPORTED, "children", "by other rules");
        assertThat(site.column("SELECT id FROM children")).containsExactly("1");
    }

    /** A collation that takes x and X for one, and a type with operators of its own, as extensions bring them. */
    private void ownRules() throws Exception {
        site.execute(
                "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TYPE label",
                "CREATE FUNCTION label_in(cstring) RETURNS label LANGUAGE internal IMMUTABLE STRICT AS 'textin'",
                "CREATE FUNCTION label_out(label) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'",
                "CREATE TYPE label (INPUT = label_in, OUTPUT = label_out, LIKE = text, COLLATABLE = true)",
                "CREATE CAST (label AS text) WITHOUT FUNCTION AS IMPLICIT");
        for (String[] name : new String[][] {{"_lt", "<"}, {"_le", "<="}, {"eq", "="}, {"_ge", ">="}, {"_gt", ">"}}) {
            site.execute(
                    "CREATE FUNCTION label" + name[0]
                            + "(label, label) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT" + " AS 'text"
                            + name[0] + "'",
                    "CREATE OPERATOR " + name[1] + " (LEFTARG = label, RIGHTARG = label, FUNCTION = label" + name[0]
                            + (name[0].equals("eq") ? ", COMMUTATOR = =, MERGES, HASHES" : "") + ")");
        }
        site.execute(
                "CREATE FUNCTION label_cmp(label, label) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp'",
                "CREATE OPERATOR CLASS label_ops DEFAULT FOR TYPE label USING btree AS OPERATOR 1 <, OPERATOR 2 <=,"
                        + " OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 label_cmp(label, label)");
    }

    @Test
    void followsReferencesBetweenTypesThatCompareAlike() throws Exception {
        site.execute(
                "CREATE DOMAIN number AS bigint",
                "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE parents (n number, t varchar(9) COLLATE folded, c char(4), at timestamptz,"
                        + " PRIMARY KEY (n), UNIQUE (t), UNIQUE (c))",
                "CREATE TABLE by_n (id int, n smallint REFERENCES parents ON DELETE CASCADE)",
                "CREATE TABLE by_t (id int, t text COLLATE folded REFERENCES parents (t) ON DELETE CASCADE)",
                "CREATE TABLE by_c (id int, c char(2) REFERENCES parents (c) ON DELETE CASCADE)",
                "CREATE INDEX ON by_n (n); CREATE INDEX ON by_t (t); CREATE INDEX ON by_c (c)",
                "INSERT INTO parents VALUES (1, 'one', 'a', '" + OLD + "'), (2, 'two', 'b', '" + NEW + "')",
                "INSERT INTO by_n VALUES (1, 1), (2, 2)",
                "INSERT INTO by_t VALUES (1, 'ONE'), (2, 'Two')",
                "INSERT INTO by_c VALUES (1, 'a'), (2, 'b ')");

        Done done = site.purge(Site.archiving(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "by_n", 1L, "by_t", 1L, "by_c", 1L));
        site.restore(receipt(done));
        assertThat(site.column("SELECT t FROM by_t ORDER BY id")).containsExactly("ONE", "Two");
    }

    @Test
    void doesNotCutTheValuesOfConditions() throws Exception {
        site.execute(
                "CREATE DOMAIN state AS varchar(4)",
                "CREATE TABLE parents (id int, at timestamptz, v varchar(4), n numeric(3, 1), s state, c char(6))",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 'comp', 1.3, 'comp', 'done')");

        for (String[] condition : new String[][] {{"v", "completed"}, {"n", "1.25"}, {"s", "completed"}}) {
            Done done = site.purge(Site.of(parents(
                    new Condition(ColumnName.parse(condition[0]), Condition.Operator.IN, List.of(condition[1])))));
            assertThat(done.outcome()).as(condition[0]).isEqualTo(Outcome.NOTHING_TO_DO);
        }
        site.purge(Site.of(parents(new Condition(ColumnName.parse("c"), Condition.Operator.IN, List.of("done")))));
        assertThat(site.column("SELECT id FROM parents")).isEmpty();
    }

    @Test
    void refusesConditionsOnTypesWithRulesOfTheirOwn() throws Exception {
        ownRules();
        site.execute("CREATE TABLE parents (id int, at timestamptz, l label)");

        refuses(
                Site.of(parents(new Condition(ColumnName.parse("l"), Condition.Operator.NOT_IN, List.of("kept")))),
                Code.UNSUPPORTED,
                "where.l: is of type public.label");
    }

    @ParameterizedTest
    @CsvSource({
        // first pass of the hour that the clock shows twice, second pass, and the hour that it leaves out
        "2025-10-26T00:30:00Z, 2025-10-26 01:59:59, 2025-10-26 02:00:00",
        "2025-10-26T01:30:00Z, 2025-10-26 02:29:59, 2025-10-26 02:30:00",
        "2025-03-30T01:00:00Z, 2025-03-30 01:59:59, 2025-03-30 03:00:00",
        "2025-03-30T00:59:59Z, 2025-03-30 01:59:58, 2025-03-30 01:59:59",
    })
    void knowsWhenTheClockIsPutBackOrForward(Instant cutoff, String older, String notOlder) throws Exception {
        site.with("databases.app.time-zone", "Europe/Berlin");
        site.execute(
                "CREATE TABLE parents (id int, at timestamp, day date)",
                "INSERT INTO parents VALUES (1, '" + older + "', timestamp '" + older + "'::date), (2, '" + notOlder
                        + "', timestamp '" + notOlder + "'::date), (3, 'infinity', '-infinity')");
        Instant asOf = cutoff.plus(Duration.ofDays(90));

        Done byDay = site.perform(Site.order(Site.of(Site.rule("parents", "day")), asOf), new FreeAttempt());
        Done byTime = site.perform(Site.order(Site.of(parents()), asOf), new FreeAttempt());

        assertThat(byDay.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(Site.rows(byTime)).isEqualTo(Map.of("parents", 1L));
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("2", "3");
    }

    @Test
    void countsADayInTheStatedZone() throws Exception {
        site.with("databases.app.time-zone", "Europe/Berlin");
        site.execute(
                "CREATE TABLE parents (id int, at date)",
                "INSERT INTO parents VALUES (1, '2026-08-22'), (2, '2026-08-23'), (3, 'infinity'), (4, '-infinity'), (5,"
                        + " '0044-03-15 BC')");
        Instant justBeforeMidnight = Instant.parse("2026-11-20T21:59:59Z");

        Done early = site.perform(Site.order(Site.of(parents()), justBeforeMidnight), new FreeAttempt());
        Done atMidnight =
                site.perform(Site.order(Site.of(parents()), justBeforeMidnight.plusSeconds(1)), new FreeAttempt());

        assertThat(Site.rows(early)).isEqualTo(Map.of("parents", 1L));
        assertThat(Site.rows(atMidnight)).isEqualTo(Map.of("parents", 1L));
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("2", "3", "4");
    }

    @Test
    void isNotLedAstrayByOtherSchemas() throws Exception {
        site.execute(
                "CREATE SCHEMA shadow",
                "CREATE SCHEMA \"Select\"",
                "CREATE TABLE public.parents (id int PRIMARY KEY, at timestamptz)",
                "CREATE TABLE \"Select\".parents (id int PRIMARY KEY, at timestamptz)",
                "CREATE TABLE \"Select\".children (id int, parent int REFERENCES \"Select\".parents)",
                "CREATE INDEX ON \"Select\".children (parent)",
                "INSERT INTO public.parents VALUES (1, '" + OLD + "'), (2, '" + NEW + "')",
                "INSERT INTO \"Select\".parents VALUES (1, '" + OLD + "')",
                "INSERT INTO \"Select\".children VALUES (1, 1)",
                "CREATE VIEW shadow.parents AS SELECT 2 AS id, timestamptz '" + OLD + "' AS at",
                "CREATE FUNCTION shadow.less(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE OPERATOR shadow.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = shadow.less)",
                "ALTER DATABASE \"" + ((PostgresSite) site).name() + "\" SET search_path = shadow, pg_catalog, public");

        Done here = site.purge(Site.archiving(parents()));
        Done there = site.purge(Site.archiving(Site.rule("\"Select\".parents", "at")));

        assertThat(Site.rows(here)).isEqualTo(Map.of("parents", 1L));
        assertThat(Site.rows(there)).isEqualTo(Map.of("parents", 1L, "children", 1L));
        assertThat(site.column("SELECT id FROM public.parents")).containsExactly("2");
        site.restore(receipt(there));
        assertThat(site.column("SELECT count(*) FROM \"Select\".children")).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"parents", "parents_1"})
    void refusesTablesAndPartitionsWhoseRowsAreHidden(String hidden) throws Exception {
        PostgresSite postgres = (PostgresSite) site;
        String role = postgres.name() + "_cleaner";
        site.execute(
                "CREATE TABLE parents (id int, at timestamptz) PARTITION BY RANGE (at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2025-01-01Z') TO ('2026-12-01Z')",
                "INSERT INTO parents VALUES (1, '" + OLD + "'), (2, '" + OLD + "')",
                "ALTER TABLE " + hidden + " ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY mine ON " + hidden + " USING (id = 1)",
                "CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'secret'",
                "GRANT SELECT, DELETE ON parents, parents_1 TO \"" + role + "\"");
        PostgresDatabase database = new PostgresDatabase(
                Site.ID,
                Map.of(),
                new PostgresAddress(postgres.server().host(), postgres.server().port(), postgres.name()),
                role,
                () -> Optional.of("secret"),
                Map.of());
        Done done;
        try {
            done = new PostgresPurge(site.config(), id -> Optional.empty(), ArchiveStore.none())
                    .perform(Site.order(Site.of(parents()), Site.AS_OF), database, new FreeAttempt());
        } finally {
            site.execute("DROP OWNED BY \"" + role + "\"", "DROP ROLE \"" + role + "\"");
        }

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(done.reason().orElseThrow().message()).contains("row level security");
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("2");
    }

    @Test
    void bringsBackWhatOneDeletedFromAnHeir() throws Exception {
        site.execute(
                "CREATE TABLE base (id int, at timestamptz)",
                "CREATE TABLE parents (PRIMARY KEY (id)) INHERITS (base)",
                "INSERT INTO base VALUES (1, '" + OLD + "')",
                "INSERT INTO parents VALUES (1, '" + OLD + "'), (2, '" + NEW + "')");

        Done done = site.purge(Site.archiving(parents()));
        List<String> left = site.column("SELECT tableoid::regclass || ' ' || id FROM base ORDER BY 1");
        site.restore(receipt(done));

        assertThat(left).containsExactly("base 1", "parents 2");
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void bringsBackRowsUnderConstraintsThatAreCheckedAtTheCommit() throws Exception {
        site.execute(
                "CREATE TABLE parents (id int PRIMARY KEY DEFERRABLE, place int, at timestamptz,"
                        + " UNIQUE (place) DEFERRABLE INITIALLY DEFERRED)",
                "INSERT INTO parents VALUES (1, 1, '" + OLD + "'), (2, 2, '" + OLD + "'), (3, 3, '" + NEW + "')");

        String receipt = receipt(site.purge(Site.archiving(parents())));
        site.execute("INSERT INTO parents VALUES (2, 20, '" + NEW + "')");
        Done done = site.restore(receipt);
        Done again = site.restore(receipt);

        assertThat(done.findings()).extracting(Finding::check).containsExactly("restored-key-taken");
        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(site.column("SELECT place FROM parents ORDER BY id")).containsExactly("1", "20", "3");
    }

    @Test
    void readsIsoTextsOfRealTimesOnly() throws Exception {
        site.execute(
                "CREATE TABLE events (id int, at text)",
                "INSERT INTO events VALUES (1, '2025-13-01'), (2, '2025-01-32'), (3, '2025-01-01 24:00:00'), (4,"
                        + " '2025-01-01 00:60:00'), (5, '2025-12-31T23:59:60Z'), (6, E'2025-01-01\\n')");

        site.purge(Site.of(BoundaryContract.rule("events", "at", Optional.of(Purge.TimeFormat.ISO_TEXT))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("1", "2", "3", "4", "6");
    }
}
