package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions that a purge archives and drops as a whole. The table has no key and each row twice, so that nothing hides a doubling. */
class PostgresPartitionPurgeTest {
    private static final int HALTED = 137;
    private static final String ALL = "SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) FROM parents p";
    private static final String LEAVES = "SELECT relid::text FROM pg_partition_tree('parents') WHERE isleaf ORDER BY 1";

    @TempDir
    Path folder;

    PostgresSite site;
    List<String> before;

    @BeforeEach
    void fill() throws Exception {
        site = new PostgresSite(folder);
        site.execute(
                "CREATE TABLE parents (id int, created_at timestamptz, body text) PARTITION BY RANGE (created_at)",
                "CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z')",
                "CREATE TABLE parents_2 PARTITION OF parents FOR VALUES FROM ('2026-02-01Z') TO ('2026-03-01Z')",
                "CREATE TABLE parents_3 PARTITION OF parents FOR VALUES FROM ('2026-08-01Z') TO ('2026-12-01Z')",
                "INSERT INTO parents SELECT g, '2026-01-15Z', nullif(repeat(md5(g::text), 250 * (g % 11)),"
                        + " '') FROM generate_series(1, 110) g, generate_series(1, 2)",
                "INSERT INTO parents SELECT g, '2026-02-15Z', 'second' FROM generate_series(1, 15) g,"
                        + " generate_series(1, 2)",
                "INSERT INTO parents VALUES (1, '2026-08-02Z', 'old'), (1, '2026-08-02Z', 'old'), (2, '2026-11-01Z',"
                        + " 'young')");
        before = site.column(ALL);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private static Purge archiving() {
        return Site.archiving(Site.rule("parents", "created_at"));
    }

    /** What is in the archives, whether or not a purge ended. */
    private List<String> receipts() throws Exception {
        try (Stream<Path> folders = Files.list(Receipt.folder(site.directory, Site.ID))) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        }
    }

    /** No partition is left beside the table. */
    private void requireNoneDetached() throws Exception {
        assertThat(site.column("SELECT oid::regclass::text FROM pg_class WHERE relname LIKE 'parents_%' AND relkind ="
                        + " 'r' ORDER BY 1"))
                .isEqualTo(site.column(LEAVES));
    }

    @ParameterizedTest
    @EnumSource
    void archivesAndDropsWhatIsPastAndBringsItBackRowByRow(Purge.Archive format) throws Exception {
        Done done = site.purge(Site.archiving(format, Site.rule("parents", "created_at")));

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(LEAVES)).containsExactly("parents_3");
        requireNoneDetached();
        assertThat(site.column("SELECT id FROM parents")).containsExactly("2");
        assertThat(Site.report(done).tables()).singleElement().satisfies(table -> {
            assertThat(table.rows()).isEqualTo(252);
            assertThat(table.archived()).isEqualTo(252);
        });
        Done restored = site.restore(Site.report(done).receipt().orElseThrow());
        assertThat(restored.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(ALL)).isEqualTo(before);
        assertThat(site.column(LEAVES)).containsExactly("parents_1", "parents_2", "parents_3");
        assertThat(site.column("SELECT count(*) FROM ONLY parents_1")).containsExactly("220");
    }

    @ParameterizedTest
    @CsvSource({"purge-partition-archived:2, CSV, plain", "purge-partition-dropped:1, JSON_LINES, encrypted"})
    void hasEveryRowInPlaceOrInTheArchiveOnceWhereverItDies(String place, Purge.Archive format, String how)
            throws Exception {
        die(place, format, how);

        requireNoneDetached();
        for (String receipt : receipts()) {
            site.restore(receipt);
        }

        assertThat(site.column(ALL)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "partition-frame:2, CSV, encrypted",
        "purge-partition-archived:1, JSON_LINES, encrypted",
        "purge-partition-dropped:2, CSV, plain"
    })
    void goesOnAfterACrashAndBringsBackEachRowOnce(String place, Purge.Archive format, String how) throws Exception {
        die(place, format, how);

        Done done = site.perform(
                Site.order(Site.archiving(format, Site.rule("parents", "created_at")), Site.AS_OF), new FreeAttempt());
        List<String> leaves = site.column(LEAVES);
        List<String> left = site.column("SELECT id FROM parents");
        site.restore(Site.report(done).receipt().orElseThrow());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(leaves).containsExactly("parents_3");
        assertThat(left).containsExactly("2");
        assertThat(receipts()).hasSize(1);
        assertThat(site.column(ALL)).isEqualTo(before);
    }

    private void die(String place, Purge.Archive format, String how) throws Exception {
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        String recipient = how.equals("encrypted") ? pair.getPublic().toString() : "";
        site.with("recipients", recipient)
                .with("identity-file", Site.identity(folder, pair).toString());
        Purge purge = Site.archiving(format, Site.rule("parents", "created_at"));
        Process process = PurgeMain.start(site, purge, place, site.arguments());
        assertThat(process.waitFor()).isEqualTo(HALTED);
    }

    /** Does something when a part of a partition is archived. */
    private static final class Meanwhile extends FreeAttempt {
        private final Work work;
        private boolean isDone;

        Meanwhile(Work work) {
            this.work = work;
        }

        interface Work {
            void run() throws Exception;
        }

        @Override
        public void progress(double percent, Optional<Duration> timeLeft, String message) {
            if (!isDone && message.contains("archived")) {
                isDone = true;
                try {
                    work.run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO parents VALUES (7, '2026-01-20Z', 'late')",
                "UPDATE parents SET body = 'changed' WHERE id = 110 AND created_at < '2026-02-01Z'",
                "DELETE FROM parents WHERE id = 1 AND created_at < '2026-02-01Z'",
                "WITH gone AS (DELETE FROM parents WHERE id = 5 AND created_at < '2026-02-01Z' RETURNING *)"
                        + " INSERT INTO parents SELECT * FROM gone"
            })
    void emptiesAPartitionRowByRowThatChangedWhileItWasArchived(String change) throws Exception {
        Meanwhile meanwhile = new Meanwhile(() -> {
            site.execute(change);
            before = site.column(ALL);
        });

        Done done = site.perform(Site.order(archiving(), Site.AS_OF), meanwhile);

        assertThat(meanwhile.isDone).isTrue();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(LEAVES)).containsExactly("parents_1", "parents_3");
        assertThat(site.column("SELECT id FROM parents")).containsExactly("2");
        site.restore(Site.report(done).receipt().orElseThrow());
        assertThat(site.column(ALL)).isEqualTo(before);
    }

    @Test
    void letsTheApplicationReadAndWriteWhileItArchives() throws Exception {
        Meanwhile meanwhile = new Meanwhile(() -> site.execute(
                "SET lock_timeout = '100ms'",
                // no partition can be left out, so that all are locked
                "UPDATE parents SET body = 'never' WHERE id = -1",
                "INSERT INTO parents VALUES (3, '2026-11-02Z', 'new')"));

        Done done = site.perform(Site.order(archiving(), Site.AS_OF), meanwhile);

        assertThat(meanwhile.isDone).isTrue();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(LEAVES)).containsExactly("parents_3");
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("2", "3");
    }

    @Test
    void emptiesAPartitionRowByRowWhileSomeoneHoldsALockOnTheTable() throws Exception {
        site.execute("DROP TABLE parents_2");
        before = site.column(ALL);
        try (Connection other = site.server().connect(site.name());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("INSERT INTO parents VALUES (9, '2026-11-03Z', 'open')");

            Done done = site.purge(archiving());

            statement.execute("ROLLBACK");
            assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
            assertThat(site.column(LEAVES)).containsExactly("parents_1", "parents_3");
            assertThat(site.column("SELECT id FROM parents")).containsExactly("2");
            site.restore(Site.report(done).receipt().orElseThrow());
            assertThat(site.column(ALL)).isEqualTo(before);
        }
    }

    @Test
    void emptiesAPartitionRowByRowThatAViewShows() throws Exception {
        site.execute("CREATE VIEW shown AS SELECT * FROM parents_1");

        Done done = site.purge(archiving());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(LEAVES)).containsExactly("parents_1", "parents_3");
        assertThat(site.column("SELECT count(*) FROM shown")).containsExactly("0");
    }

    @Test
    void stopsInTheMiddleOfAPartitionAndLeavesItWhole() throws Exception {
        FreeAttempt closing = new FreeAttempt() {
            private boolean isOver;

            @Override
            public Optional<Stop> stop() {
                return isOver ? Optional.of(Stop.DEADLINE) : Optional.empty();
            }

            @Override
            public void progress(double percent, Optional<Duration> timeLeft, String message) {
                isOver |= message.contains("archived");
            }
        };

        Done partial = site.perform(Site.order(archiving(), Site.AS_OF), closing);
        List<String> between = site.column(ALL);
        Done nothing = site.restore(receipts().get(0));

        assertThat(partial.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(between).isEqualTo(before);
        assertThat(nothing.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        Done last = site.perform(Site.order(archiving(), Site.AS_OF), new FreeAttempt());
        assertThat(site.column(LEAVES)).containsExactly("parents_3");
        site.restore(Site.report(last).receipt().orElseThrow());
        assertThat(site.column(ALL)).isEqualTo(before);
    }

    @Test
    void emptiesRowByRowWhatCouldNotBeArchivedBeforeTheEndOfTheWindow() throws Exception {
        FreeAttempt late = new FreeAttempt() {
            @Override
            public Instant finishBy() {
                return Instant.now().minusSeconds(1);
            }
        };

        Done done = site.perform(Site.order(archiving(), Site.AS_OF), late);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column(LEAVES)).hasSize(3);
        assertThat(site.column("SELECT id FROM parents")).containsExactly("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"archived", "not archived"})
    void keepsARowAtMinusInfinityInAPartitionThatBeginsThere(String how) throws Exception {
        site.execute(
                "CREATE TABLE parents_0 PARTITION OF parents FOR VALUES FROM ('-infinity') TO ('2026-01-01Z')",
                "INSERT INTO parents VALUES (-1, '-infinity', 'stays'), (-2, '2025-01-01Z', 'goes')");

        site.purge(how.equals("archived") ? archiving() : Site.of(Site.rule("parents", "created_at")));

        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("-1", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"integer", "bigint"})
    void makesPartitionsByNumbersAgain(String type) throws Exception {
        site.execute(
                "CREATE TABLE counted (at " + type + ") PARTITION BY RANGE (at)",
                "CREATE TABLE counted_1 PARTITION OF counted FOR VALUES FROM (-5) TO (1000)",
                "INSERT INTO counted SELECT g FROM generate_series(-5, 999) g");
        Purge.Rule rule = new Purge.Rule(
                dev.upkeep.common.id.TableName.parse("counted"),
                dev.upkeep.common.id.ColumnName.parse("at"),
                Duration.ofDays(90),
                Optional.of(Purge.TimeFormat.EPOCH_SECONDS),
                List.of());

        Done done = site.purge(Site.archiving(rule));
        List<String> between = site.column("SELECT relname FROM pg_class WHERE relname = 'counted_1'");
        site.restore(Site.report(done).receipt().orElseThrow());

        assertThat(between).isEmpty();
        assertThat(site.column("SELECT count(*), sum(at) FROM ONLY counted_1")).containsExactly("1005");
        assertThat(site.column("SELECT min(at) FROM counted")).containsExactly("-5");
    }

    @Test
    void bringsRowsBackIntoADefaultPartitionThatHasSomeOfTheSameTime() throws Exception {
        Done done = site.purge(archiving());
        site.execute(
                "CREATE TABLE parents_rest PARTITION OF parents DEFAULT",
                "INSERT INTO parents VALUES (77, '2026-01-03Z', 'later')");

        site.restore(Site.report(done).receipt().orElseThrow());

        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("254");
        assertThat(site.column(LEAVES)).containsExactly("parents_2", "parents_3", "parents_rest");
    }
}
