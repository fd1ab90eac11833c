package dev.upkeep.executor.operation.partitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.MaintainPartitions.Interval;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.executor.operation.purge.TestPartitionArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresMaintainPartitionsTest {
    private final PostgresFixture database = PostgresFixture.create();

    private final Path archives;
    private final PostgresMaintainPartitions partitions;

    PostgresMaintainPartitionsTest(@TempDir Path archives) {
        this.archives = archives;
        this.partitions = new PostgresMaintainPartitions(TestPartitionArchive.in(archives));
    }

    private static MaintainPartitions ahead(Interval interval, int count) {
        return new MaintainPartitions(
                TableName.parse("\"Agg\""), interval, Optional.of(count), Optional.empty(), false, false);
    }

    private static MaintainPartitions keep(int days, boolean drop) {
        return new MaintainPartitions(
                TableName.parse("\"Agg\""),
                Interval.DAY,
                Optional.empty(),
                Optional.of(Duration.ofDays(days)),
                drop,
                false);
    }

    private static MaintainPartitions.Report report(Done done) {
        return (MaintainPartitions.Report) done.report().orElseThrow();
    }

    private void table(String type) throws Exception {
        database.sql("CREATE TABLE \"Agg\" (id bigint GENERATED ALWAYS AS IDENTITY, \"At\" " + type
                + " NOT NULL, n int DEFAULT 1 CHECK (n > 0), PRIMARY KEY (id, \"At\")) PARTITION BY RANGE (\"At\")");
    }

    @Test
    void createsPartitionsAheadOnce() throws Exception {
        table("timestamptz");

        Done planned = database.dryRun(partitions, ahead(Interval.DAY, 3));
        String none = database.value("SELECT count(*) FROM pg_inherits");
        Done first = database.perform(partitions, ahead(Interval.DAY, 3));
        Done second = database.perform(partitions, ahead(Interval.DAY, 3));
        database.sql("INSERT INTO \"Agg\" (\"At\") VALUES (now()), (now() + interval '3 days')");

        assertThat(report(planned).created()).hasSize(4);
        assertThat(none).isEqualTo("0");
        assertThat(report(first).created())
                .isEqualTo(report(planned).created())
                .allMatch(name -> name.table().matches("Agg_p\\d{8}"));
        assertThat(report(first).headroomHours()).isBetween(72.0, 96.1);
        assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void createsMonthsOnADateColumn() throws Exception {
        table("date");

        Done done = database.perform(partitions, ahead(Interval.MONTH, 1));

        assertThat(report(done).created())
                .hasSize(2)
                .allMatch(name -> name.table().matches("Agg_p\\d{6}"));
        assertThat(database.perform(partitions, ahead(Interval.HOUR, 1)).outcome())
                .isEqualTo(Outcome.REJECTED);
    }

    @Test
    void detachesAndDropsWhatIsPastItsRetentionAndNothingElse() throws Exception {
        table("timestamptz");
        database.sql(
                "DO $$ BEGIN FOR i IN 5..30 LOOP EXECUTE format('CREATE TABLE %I PARTITION OF \"Agg\" FOR VALUES FROM (%L) TO (%L)',"
                        + " 'old_' || i, date_trunc('day', now()) - make_interval(days => i),"
                        + " date_trunc('day', now()) - make_interval(days => i - 1)); END LOOP; END $$");

        Done detached = database.perform(partitions, keep(20, false));
        Done dropped = database.perform(partitions, keep(10, true));

        assertThat(report(detached).detached()).hasSize(10);
        assertThat(report(detached).dropped()).isEmpty();
        assertThat(report(dropped).dropped()).hasSize(10);
        assertThat(database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = '\"Agg\"'::regclass"))
                .isEqualTo("6");
        assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'old%' AND relkind = 'r'"))
                .isEqualTo("16");
    }

    static MaintainPartitions archiving(Purge.Archive format) {
        return dropping(Optional.of(format));
    }

    static MaintainPartitions dropping(Optional<Purge.Archive> format) {
        return new MaintainPartitions(
                TableName.parse("\"Agg\""),
                Interval.DAY,
                Optional.empty(),
                Optional.of(Duration.ofDays(10)),
                true,
                false,
                format);
    }

    private void oldPartitions() throws Exception {
        table("timestamptz");
        database.sql(
                "CREATE TABLE \"Old 1\" PARTITION OF \"Agg\" FOR VALUES FROM ('2026-01-01Z') TO ('2026-01-02Z')",
                "CREATE TABLE \"Old 2\" PARTITION OF \"Agg\" FOR VALUES FROM ('2026-01-02Z') TO ('2026-01-03Z')",
                "INSERT INTO \"Agg\" (\"At\", n) SELECT timestamptz '2026-01-01Z' + make_interval(mins => g), g + 1"
                        + " FROM generate_series(0, 2879) g");
    }

    @ParameterizedTest
    @EnumSource
    void archivesWhatItDropsSoThatItCanBeBroughtBack(Purge.Archive format) throws Exception {
        oldPartitions();
        String all = "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM \"Agg\" a";
        String before = database.value(all);

        Done done = database.perform(partitions, archiving(format));
        String between = database.value("SELECT count(*) FROM \"Agg\"");
        String left = database.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'Old%' AND relkind = 'r'");
        for (String receipt : report(done).receipts()) {
            Done restored = database.perform(TestPartitionArchive.restore(archives), new RestorePurged(receipt));
            assertThat(restored.outcome()).isEqualTo(Outcome.SUCCEEDED);
        }

        assertThat(report(done).dropped()).hasSize(2);
        assertThat(report(done).receipts()).hasSize(2);
        assertThat(between).isEqualTo("0");
        assertThat(left).isEqualTo("0");
        assertThat(database.value(all)).isEqualTo(before);
        assertThat(database.value("SELECT count(*) FROM \"Old 2\"")).isEqualTo("1440");
    }

    @Test
    void encryptsWhatItArchives() throws Exception {
        oldPartitions();
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        Path identity = Files.writeString(archives.resolve("identity.txt"), pair.getPrivate() + "\n");
        Files.setPosixFilePermissions(identity, PosixFilePermissions.fromString("rw-------"));
        String all = "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM \"Agg\" a";
        String before = database.value(all);

        Done done = database.perform(
                new PostgresMaintainPartitions(
                        TestPartitionArchive.in(archives, pair.getPublic().toString())),
                archiving(Purge.Archive.CSV));
        List<String> parts;
        try (Stream<Path> files = Files.walk(archives)) {
            parts = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("part-"))
                    .toList();
        }
        for (String receipt : report(done).receipts()) {
            Done sealed = database.perform(TestPartitionArchive.restore(archives), new RestorePurged(receipt));
            assertThat(sealed.reason().orElseThrow().code()).isEqualTo(Code.KEY_MISSING);
            database.perform(TestPartitionArchive.restore(archives, identity), new RestorePurged(receipt));
        }

        assertThat(parts).containsExactly("part-00001.csv.zst.age", "part-00001.csv.zst.age");
        assertThat(database.value(all)).isEqualTo(before);
    }

    @Test
    void letsOthersWriteWhileItArchivesAndArchivesWhatTheyWrote() throws Exception {
        oldPartitions();
        database.sql("ALTER DATABASE " + database.name() + " SET default_transaction_isolation = 'repeatable read'");
        database.sql("INSERT INTO \"Agg\" (\"At\") SELECT '2026-01-01Z' FROM generate_series(1, 12000)");
        AtomicInteger changes = new AtomicInteger();
        CalmAttempt attempt = new CalmAttempt().whenTelling(message -> {
            if (message.contains("rows archived") && changes.getAndIncrement() == 0) {
                try (Connection other = database.connect()) {
                    PostgresFixture.run(
                            other,
                            "SET lock_timeout = '3s'",
                            "UPDATE \"Agg\" SET n = 7777777 WHERE id IN (1, 2880, 14000)",
                            "INSERT INTO \"Agg\" (\"At\", n) VALUES ('2026-01-01Z', 8888888)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });

        Done done = database.perform(partitions, archiving(Purge.Archive.JSON_LINES), attempt);
        String left = database.value("SELECT count(*) FROM \"Agg\"");
        for (String receipt : report(done).receipts()) {
            database.perform(TestPartitionArchive.restore(archives), new RestorePurged(receipt));
        }

        assertThat(changes).hasPositiveValue();
        assertThat(left).isEqualTo("0");
        assertThat(database.value("SELECT count(*) FROM \"Agg\"")).isEqualTo("14881");
        assertThat(database.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM \"Agg\" WHERE n = 7777777"))
                .isEqualTo("1 2880 14000");
    }

    @Test
    void dropsNothingThatItCannotArchive() throws Exception {
        oldPartitions();
        Files.writeString(archives.resolve(database.name()), "in the way of the folder");

        assertThatThrownBy(() -> database.perform(partitions, archiving(Purge.Archive.JSON_LINES)))
                .isInstanceOf(IOException.class);

        assertThat(database.value("SELECT count(*) FROM \"Agg\"")).isEqualTo("2880");
    }

    @Test
    void leavesNoArchiveOfWhatStayed() throws Exception {
        oldPartitions();
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "SELECT FROM \"Agg\" LIMIT 1");

            Done done = database.perform(partitions, archiving(Purge.Archive.CSV));

            assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
        assertThat(database.value("SELECT count(*) FROM \"Agg\"")).isEqualTo("2880");
        try (Stream<Path> left = Files.list(archives.resolve(database.name()))) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"partition-archived:1", "partition-archived:2", "partition-dropped:1"})
    void losesNoRowWhereverItDies(String place) throws Exception {
        oldPartitions();
        String all = "SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM \"Agg\" a";
        String before = database.value(all);

        MaintainPartitions task = archiving(Purge.Archive.JSON_LINES);
        Process process = PartitionsMain.start(task, place, archives, database.database());
        assertThat(process.waitFor()).isEqualTo(137);
        Done done = PartitionsMain.perform(task, archives, database.database());
        String between = database.value("SELECT count(*) FROM \"Agg\"");
        List<Path> receipts;
        try (Stream<Path> folders = Files.list(archives.resolve(database.name()))) {
            receipts = folders.toList();
        }
        for (Path receipt : receipts) {
            database.perform(
                    TestPartitionArchive.restore(archives),
                    new RestorePurged(receipt.getFileName().toString()));
        }

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report(done).receipts()).isNotEmpty();
        assertThat(between).isEqualTo("0");
        assertThat(receipts).hasSize(2);
        assertThat(database.value(all)).isEqualTo(before);
    }

    @Test
    void movesRowsOutOfTheDefaultPartition() throws Exception {
        table("timestamp");
        database.sql(
                "CREATE TABLE rest PARTITION OF \"Agg\" DEFAULT",
                "INSERT INTO \"Agg\" (\"At\") SELECT now() - make_interval(days => g) FROM generate_series(0, 4) g",
                "INSERT INTO \"Agg\" (\"At\") VALUES ('infinity')");

        Done blocked = database.perform(partitions, ahead(Interval.DAY, 1));
        Done drained = database.perform(
                partitions,
                new MaintainPartitions(
                        TableName.parse("\"Agg\""), Interval.DAY, Optional.of(1), Optional.empty(), false, true));

        assertThat(PostgresFixture.of(blocked, "default-partition")).hasSize(1);
        assertThat(report(drained).drained()).isEqualTo(5);
        assertThat(database.value("SELECT count(*) FROM rest")).isEqualTo("1");
        assertThat(database.value("SELECT count(*) FROM \"Agg\"")).isEqualTo("6");
    }

    @Test
    void isContendedWhenTheTableIsLocked() throws Exception {
        table("timestamptz");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE \"Agg\" IN ACCESS EXCLUSIVE MODE");

            assertThat(database.perform(partitions, ahead(Interval.DAY, 1)).outcome())
                    .isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
    }

    @Test
    void refusesATableThatIsNotPartitionedByTime() throws Exception {
        database.sql("CREATE TABLE \"Agg\" (id int) PARTITION BY RANGE (id)");

        assertThatThrownBy(() -> database.perform(partitions, ahead(Interval.DAY, 1)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("must be partitioned by ranges of one column of type date or timestamp");
    }

    @Test
    void findsTheBoundariesOfItsIntervals() {
        Instant time = Instant.parse("2026-11-21T14:35:00Z");

        assertThat(Period.holding(time, Interval.WEEK).start()).isEqualTo(Instant.parse("2026-11-16T00:00:00Z"));
        assertThat(Period.holding(time, Interval.MONTH).next(Interval.MONTH).end())
                .isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(Period.holding(time, Interval.HOUR).suffix(Interval.HOUR)).isEqualTo("_p20261121_14");
    }

    private long partitionsLeft() throws Exception {
        return Long.parseLong(database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = '\"Agg\"'::regclass"));
    }

    @ParameterizedTest
    @CsvSource({
        "require-archive, true, GUARDRAIL, archive: absent",
        "backup-within, PT24H, BACKUP_MISSING, the newest verified backup",
        "least-keep, P11D, GUARDRAIL, keep: P10D",
        "databases.ID.protect[0], Agg, GUARDRAIL, is protected",
        "databases.ID.tables[0], others, GUARDRAIL, is not among the tables",
        "databases.ID.backup-within, PT24H, BACKUP_MISSING, the newest verified backup"
    })
    void dropsNothingThatTheSettingsForPurgesForbidButStillCreates(String key, String value, Code code, String why)
            throws Exception {
        oldPartitions();
        PostgresMaintainPartitions strict = new PostgresMaintainPartitions(TestPartitionArchive.in(
                archives, Map.of(key.replace("ID", '"' + database.name() + '"'), value)));
        MaintainPartitions both = new MaintainPartitions(
                TableName.parse("\"Agg\""),
                Interval.DAY,
                Optional.of(1),
                Optional.of(Duration.ofDays(10)),
                true,
                false);

        Done looked = database.dryRun(strict, keep(10, true));
        Done refused = database.perform(strict, keep(10, true));
        Done partly = database.perform(strict, both);
        Done detached = database.perform(strict, keep(10, false));

        assertThat(PostgresFixture.of(looked, "partitions-not-dropped"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.value()).contains(why));
        assertThat(refused.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(refused.reason().orElseThrow().code()).isEqualTo(code);
        assertThat(refused.reason().orElseThrow().message()).contains(why);
        assertThat(partly.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report(partly).created()).hasSize(2);
        assertThat(report(partly).dropped()).isEmpty();
        // what is only detached keeps its rows
        assertThat(report(detached).detached()).hasSize(2);
        assertThat(database.value("SELECT count(*) FROM \"Old 1\"")).isEqualTo("1440");
    }

    @Test
    void doesNotMindTheSettingsForPurgesWhereNothingIsPast() throws Exception {
        table("timestamptz");
        PostgresMaintainPartitions strict =
                new PostgresMaintainPartitions(TestPartitionArchive.in(archives, Map.of("backup-within", "PT24H")));

        assertThat(database.perform(strict, keep(10, true)).outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void dropsWhatAnOrderDetachedAndDiedBeforeItDroppedIt() throws Exception {
        oldPartitions();
        MaintainPartitions task = dropping(Optional.empty());

        Process process = PartitionsMain.start(task, "partition-detached", archives, database.database());
        assertThat(process.waitFor()).isEqualTo(137);
        long attached = partitionsLeft();
        String left = database.value("SELECT count(*) FROM \"Old 1\"");
        database.sql(
                "CREATE TABLE copied (LIKE \"Old 1\")",
                "DO $$ BEGIN EXECUTE format('COMMENT ON TABLE copied IS %L', obj_description('\"Old 1\"'::regclass,"
                        + " 'pg_class')); END $$");
        Done longer = database.perform(partitions, keep(10_000, true));
        Done planned = database.dryRun(partitions, task);
        Done done = database.perform(partitions, task);

        assertThat(attached).isEqualTo(1);
        assertThat(left).isEqualTo("1440");
        assertThat(longer.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report(planned).dropped()).hasSize(2);
        assertThat(report(done).dropped()).extracting(TableName::table).containsExactly("Old 1", "Old 2");
        assertThat(database.value("SELECT string_agg(relname, ',' ORDER BY 1) FROM pg_class WHERE relkind = 'r' AND"
                        + " (relname LIKE 'Old%' OR relname = 'copied')"))
                .isEqualTo("copied");
    }

    @Test
    void leavesNoMarkOnAPartitionThatItCouldNotDetach() throws Exception {
        oldPartitions();
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE \"Agg\" IN SHARE UPDATE EXCLUSIVE MODE");

            Done done = database.perform(partitions, dropping(Optional.empty()));

            assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
            other.rollback();
        }
        assertThat(database.value("SELECT count(*) FROM pg_description WHERE description LIKE 'Upkeep%'"))
                .isEqualTo("0");
        assertThat(partitionsLeft()).isEqualTo(2);
    }

    @Test
    void countsRetentionOfTimesWithoutZoneInTheStatedOne() throws Exception {
        table("timestamp");
        // ends at midnight in New York, five hours later than in UTC
        database.sql("CREATE TABLE \"Old\" PARTITION OF \"Agg\" FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')");
        PostgresMaintainPartitions american = new PostgresMaintainPartitions(TestPartitionArchive.in(
                archives, Map.of("databases.\"" + database.name() + "\".time-zone", "America/New_York")));
        Instant keptUntil = Instant.parse("2026-01-12T05:00:00Z");

        Done early = american.perform(at(keptUntil.minusSeconds(1)), database.database(), CalmAttempt.inHaste());
        Done due = american.perform(at(keptUntil), database.database(), CalmAttempt.inHaste());

        assertThat(early.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(report(due).dropped()).hasSize(1);
    }

    private static Order<MaintainPartitions> at(Instant asOf) {
        return new Order<>(new CommandId("test/at"), keep(10, true), asOf, false, Optional.empty());
    }
}
