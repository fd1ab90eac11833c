package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.HealthCheck.Limits;
import dev.upkeep.common.task.HealthCheck.Profile;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.HolderProcess;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each check meets the fault that it is for, and is silent again when the fault is mended. */
class SqliteHealthTest {
    private Optional<Instant> lastBackup = Optional.empty();
    private Optional<VerifiedBackups.Standing> standing = Optional.empty();
    private final VerifiedBackups backups = new VerifiedBackups() {
        @Override
        public Optional<Instant> newest(DatabaseId database) {
            return lastBackup;
        }

        @Override
        public Optional<Standing> standing(DatabaseId database) {
            return standing;
        }
    };
    private final SqliteHealth health = new SqliteHealth(ExecutorThresholds.none(), new HealthMemory(), backups);

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("queue.db");
        application = new Application(file).run("PRAGMA journal_mode = WAL").fill("t", 2_000);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void findsNothingWrongWithAHealthyFile() throws Exception {
        Done done = look(Map.of());

        HealthCheck.Report report = (HealthCheck.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.findings()).isEmpty();
        assertThat(report.checks()).isGreaterThanOrEqualTo(12);
        assertThat(report.facts()).containsEntry("journal mode", "wal").containsKeys("page size", "user version");
    }

    @Test
    void findsADamagedPage() throws Exception {
        application.run("PRAGMA wal_checkpoint(TRUNCATE)").close();
        byte[] whole = Files.readAllBytes(file);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(4096L * 20);
            bytes.write(new byte[4096]);
        }

        assertThat(only("quick-check", look(Map.of())).severity()).isEqualTo(Severity.CRITICAL);

        Files.write(file, whole);
        assertThat(look(Map.of()).findings()).isEmpty();
    }

    @Test
    void findsRowsWithoutTheirParent() throws Exception {
        application.run(
                "PRAGMA foreign_keys = OFF",
                "CREATE TABLE child (id INTEGER PRIMARY KEY, t_id REFERENCES t (id))",
                "INSERT INTO child (t_id) VALUES (1), (999999), (888888)");

        Finding finding = only("foreign-keys", look(Map.of()));

        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.object()).isEqualTo("child to t");
        assertThat(finding.value()).isEqualTo("2");
        application.run("DELETE FROM child WHERE id > 1");
        assertThat(look(Map.of()).findings()).isEmpty();
    }

    @Test
    void findsALogThatGrowsBehindALongReader() throws Exception {
        Map<String, Limits> limits = Map.of("wal-file-size", limits(4e6, 8e6), "wal-ratio", limits(3, 5));
        try (HolderProcess reader = new HolderProcess(file, "BEGIN", "SELECT * FROM t")) {
            application.fill("t", 40_000).run("UPDATE t SET text = text || 'x'", "UPDATE t SET text = text || 'y'");
            ageOfFile(Duration.ofMinutes(30));

            List<Finding> findings = look(limits).findings();

            assertThat(findings).extracting(Finding::check).contains("wal-file-size", "checkpoint-held-back");
            assertThat(findings)
                    .filteredOn(finding -> finding.check().equals("checkpoint-held-back"))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                        assertThat(finding.advice()).contains("process " + reader.pid());
                    });
        }
        application.run("PRAGMA wal_checkpoint(TRUNCATE)");
        assertThat(look(limits).findings()).isEmpty();
    }

    @Test
    void findsALogThatIsLargerThanTheDatabase() throws Exception {
        application.run("PRAGMA wal_autocheckpoint = 0").fill("t", 100_000);
        application.run("UPDATE t SET text = text || 'x'", "UPDATE t SET text = text || 'y'", "DELETE FROM t");
        application.run("PRAGMA incremental_vacuum", "VACUUM");

        Finding finding = only("wal-ratio", look(Map.of()));

        assertThat(finding.object()).isEqualTo(file + "-wal");
        application.run("PRAGMA wal_checkpoint(TRUNCATE)");
        assertThat(look(Map.of()).findings()).isEmpty();
    }

    @Test
    void findsAFileThatAnswersSlowlyFromTheLimitOn() throws Exception {
        assertThat(only("round-trip", look(Map.of("round-trip", limits(0, 60)))).severity())
                .isEqualTo(Severity.WARNING);
        assertThat(look(Map.of()).findings()).isEmpty();
    }

    @Test
    void findsFreePages() throws Exception {
        Map<String, Limits> limits = Map.of("freelist-size", limits(1e5, 1e5));
        application.fill("t", 30_000).run("DELETE FROM t WHERE id < 5500");

        assertThat(only("freelist", look(limits)).severity()).isEqualTo(Severity.WARNING);

        application.run("DELETE FROM t WHERE id < 15000");
        assertThat(only("freelist", look(limits)).severity()).isEqualTo(Severity.CRITICAL);

        application.run("VACUUM");
        assertThat(look(limits).findings()).isEmpty();
    }

    @Test
    void findsAFileThatIsTooLarge() throws Exception {
        Map<String, Limits> limits = Map.of("database-size", limits(1e6, 2e6));
        application.fill("t", 20_000);

        Finding finding = only("database-size", look(limits));

        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.origin()).isEqualTo("policy");
        application.run("DELETE FROM t", "VACUUM");
        assertThat(look(limits).findings()).isEmpty();
    }

    @Test
    void findsADiskThatIsNearlyFull() throws Exception {
        assertThat(only("disk-used", look(Map.of("disk-used", limits(0, 2)))).object())
                .isEqualTo(folder.toString());
        assertThat(only("disk-free", look(Map.of("disk-free", limits(1e18, 1)))).severity())
                .isEqualTo(Severity.WARNING);
    }

    @Test
    void judgesATaskQueueByTheLimitsOfItsOperatorsAndShowsWhereTheyComeFrom() throws Exception {
        JsonNode policy = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("../deploy/local/policies/queue-health.yaml").toFile());
        HealthCheck task =
                (HealthCheck) Wire.read(policy.get("tasks").get(0), Step.class).task();
        application.run(
                "CREATE TABLE task_queue (task_id INTEGER PRIMARY KEY, state TEXT, lease_expires_at INTEGER)",
                "INSERT INTO task_queue (state, lease_expires_at) SELECT 'leased', 1 FROM t LIMIT 10");

        Done done = lookAt(task, Application.NOW);

        assertThat(((HealthCheck.Report) done.report().orElseThrow()).facts())
                .containsEntry("limits of wal-file-size", "warning 47.7 MiB (policy), critical 95.4 MiB (policy)")
                .containsEntry("limits of database-size", "warning 476.8 MiB (policy), critical 953.7 MiB (policy)")
                .containsEntry("limits of stale-leases", "warning 10 (policy), critical 50 (policy)")
                .containsEntry("limits of disk-free", "warning 9.31 GiB (policy), critical 4.66 GiB (policy)")
                .containsEntry("limits of freelist", "warning 10 % (policy), critical 20 % (policy)");
        assertThat(done.findings())
                .filteredOn(finding -> finding.check().equals("stale-leases"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.origin()).isEqualTo("policy");
                });
    }

    @Test
    void findsAFileThatIsNotInWalModeWhereThatIsExpected() throws Exception {
        Map<String, Limits> limits = Map.of("journal-mode", new Limits(Optional.of(0.0), Optional.empty()));
        application.run("PRAGMA journal_mode = DELETE");

        assertThat(only("journal-mode", look(limits)).severity()).isEqualTo(Severity.WARNING);
        assertThat(look(Map.of()).findings()).isEmpty();

        application.run("PRAGMA journal_mode = WAL");
        assertThat(look(limits).findings()).isEmpty();
    }

    @Test
    void findsAnotherProcessThatKeepsTheWriteLock() throws Exception {
        try (HolderProcess writer = new HolderProcess(file, "BEGIN IMMEDIATE")) {
            assertThat(only("write-lock", look(Map.of())).advice()).contains("process " + writer.pid());
        }
        assertThat(look(Map.of()).findings()).isEmpty();
    }

    @Test
    void findsStaleLeases() throws Exception {
        application.run(
                "CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT, until TEXT)",
                "INSERT INTO queue (state, until) SELECT 'leased', strftime('%Y-%m-%d %H:%M:%S', '2026-11-21 02:00:00',"
                        + " '-' || (id + 300) || ' seconds') FROM t WHERE id <= 12");

        Finding finding = only("stale-leases", lookAtData());

        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.value()).isEqualTo("12");
        application.run("UPDATE queue SET state = 'ready' WHERE id <= 3");
        assertThat(lookAtData().findings()).isEmpty();
    }

    @Test
    void findsRowsThatAreOlderThanTheirRetention() throws Exception {
        application.run(
                "CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT, until TEXT)",
                "INSERT INTO t (at) VALUES ('2026-11-10T02:00:00Z')");

        Finding finding = only("retention", lookAtData());

        assertThat(finding.value()).isEqualTo("157.1 %");
        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        application.run("DELETE FROM t WHERE at < '2026-11-14T02:00:00Z'");
        assertThat(lookAtData().findings()).isEmpty();
    }

    @Test
    void findsABackupThatIsTooOld() throws Exception {
        lastBackup = Optional.of(Instant.now().minus(Duration.ofHours(40)));
        HealthCheck task = new HealthCheck(Optional.empty(), withRoom(Map.of()));

        assertThat(only("backup-age", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.WARNING);
        lastBackup = Optional.of(Instant.now());
        assertThat(lookAt(task, Instant.now()).findings()).isEmpty();
        lastBackup = Optional.empty();
        assertThat(((HealthCheck.Report) lookAt(task, Instant.now()).report().orElseThrow()).facts())
                .containsEntry("last verified backup", "none known to this executor");
    }

    @Test
    void findsBackupsThatShrankAndDrillsThatAreOverdueAndTooFewBackups() throws Exception {
        lastBackup = Optional.of(Instant.now());
        HealthCheck task = new HealthCheck(
                Optional.empty(), withRoom(Map.of("backup-count", new Limits(Optional.of(2.0), Optional.of(0.0)))));

        standing = Optional.of(standing(5, 0.6, 6));
        assertThat(only("backup-size", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.WARNING);
        standing = Optional.of(standing(5, 0.5, 6));
        assertThat(only("backup-size", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.CRITICAL);
        standing = Optional.of(standing(5, 0.9, 8));
        assertThat(only("backup-drill", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.WARNING);
        standing = Optional.of(standing(5, 0.9, 15));
        assertThat(only("backup-drill", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.CRITICAL);
        standing = Optional.of(standing(2, 0.9, 6));
        assertThat(only("backup-count", lookAt(task, Instant.now())).severity()).isEqualTo(Severity.WARNING);
        standing = Optional.of(standing(5, 0.9, 6));
        assertThat(lookAt(task, Instant.now()).findings()).isEmpty();
    }

    private static VerifiedBackups.Standing standing(int verified, double share, int drillDaysAgo) {
        return new VerifiedBackups.Standing(
                verified, Optional.of(share), Optional.of(Instant.now().minus(Duration.ofDays(drillDaysAgo))));
    }

    @Test
    void readsAColumnWithoutAnIndexOnlyInTheFullProfile() throws Exception {
        application.run("DROP INDEX t_at", "CREATE TABLE queue (id INTEGER PRIMARY KEY, state TEXT, until TEXT)");

        assertThat(only("not-looked", lookAtData()).value()).isEqualTo("no index on at");
    }

    @Test
    void saysWhenAPolicyNamesAColumnThatIsNotThere() throws Exception {
        assertThat(only("not-looked", lookAtData()).object()).isEqualTo("queue");
    }

    @Test
    void findsAFileThatGrowsOutOfItsTrend() throws Exception {
        Map<String, Limits> limits = Map.of("database-growth-size", limits(1e6, 1e7));
        HealthCheck task = new HealthCheck(Optional.of(Profile.QUICK), withRoom(limits));
        for (int hour = 0; hour < 8; hour++) {
            application.fill("t", 10);
            assertThat(lookAt(task, Application.NOW.plus(Duration.ofHours(hour)))
                            .findings())
                    .isEmpty();
        }
        application.fill("t", 30_000);

        assertThat(only("database-growth", lookAt(task, Application.NOW.plus(Duration.ofHours(8))))
                        .severity())
                .isEqualTo(Severity.WARNING);
        assertThat(lookAt(task, Application.NOW.plus(Duration.ofHours(9))).findings())
                .isEmpty();
    }

    private Done lookAtData() throws Exception {
        HealthCheck task = new HealthCheck(
                Optional.of(Profile.QUICK),
                withRoom(Map.of()),
                List.of(new HealthCheck.Retention(
                        TableName.parse("t"),
                        ColumnName.parse("at"),
                        Duration.ofDays(7),
                        Optional.of(Purge.TimeFormat.ISO_TEXT))),
                List.of(new HealthCheck.Leases(
                        TableName.parse("queue"),
                        ColumnName.parse("state"),
                        "leased",
                        ColumnName.parse("until"),
                        Optional.empty(),
                        Optional.empty())));
        return lookAt(task, Application.NOW);
    }

    private Done lookAt(HealthCheck task, Instant asOf) throws Exception {
        Order<HealthCheck> order = order(task);
        return health.perform(
                new Order<>(order.command(), task, asOf, false, Optional.empty()),
                application.database(),
                new CalmAttempt());
    }

    private static Map<String, Limits> withRoom(Map<String, Limits> thresholds) {
        Map<String, Limits> all = new HashMap<>(Map.of("disk-used", limits(2, 2)));
        all.putAll(thresholds);
        return all;
    }

    @Test
    void saysWhatIsWrongWithAFileThatCannotBeOpened() throws Exception {
        Path text = Files.writeString(folder.resolve("text.db"), "not a database ".repeat(500));
        Path gone = folder.resolve("gone.db");
        Path link = Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("root")).resolve("link.db"), file);
        SqliteDatabase outside =
                new SqliteDatabase(new DatabaseId("link"), Map.of(), link, Optional.of(folder.resolve("root")));

        assertThat(unreachable(Application.database(text)).check()).isEqualTo("reachable");
        assertThat(unreachable(Application.database(text)).advice()).contains("it is encrypted");
        assertThat(unreachable(Application.database(gone)).advice()).startsWith("bring " + gone + " back");
        assertThat(unreachable(outside).value()).contains("leads out of");
        assertThat(text).hasContent("not a database ".repeat(500));
        assertThat(gone).doesNotExist();
    }

    @Test
    void isContendedWhenOthersKeepTheFileLocked() throws Exception {
        application.run("PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE");

        Done done = look(Map.of());

        assertThat(done.outcome()).isEqualTo(Outcome.CONTENDED);
    }

    @Test
    void refusesALimitForACheckThatIsNotThere() throws Exception {
        Done done = health.perform(
                order(new HealthCheck(Optional.empty(), Map.of("wal-sise", limits(1, 2)))),
                application.database(),
                new CalmAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).startsWith("thresholds: wal-sise (must be one of");
    }

    private Finding unreachable(SqliteDatabase database) throws Exception {
        Done done = health.perform(order(HealthCheck.quick()), database, new CalmAttempt());
        return only("reachable", done);
    }

    private Done look(Map<String, Limits> thresholds) throws Exception {
        HealthCheck task = new HealthCheck(Optional.of(Profile.FULL), withRoom(thresholds));
        return health.perform(order(task), application.database(), new CalmAttempt());
    }

    private void ageOfFile(Duration age) throws Exception {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private static Finding only(String check, Done done) {
        assertThat(done.findings()).extracting(Finding::check).containsExactly(check);
        return done.findings().get(0);
    }

    private static Limits limits(double warning, double critical) {
        return new Limits(Optional.of(warning), Optional.of(critical));
    }
}
