package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.Restore.PointInTime;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Physical backups, and replaying archived write-ahead log to a point between two transactions. */
class PointInTimeTest {
    @TempDir
    static Path folder;

    static Path archive;
    static Path helper;
    static LocalPostgres server;
    static PostgresFixture site;
    static Backups backups;
    static PostgresDatabase database;
    static Instant between;
    static String betweenLsn;

    @BeforeAll
    static void twoTransactions() throws Exception {
        // others must be able to enter, since the server may run as another user
        Path shared = Files.createTempDirectory("upkeep-wal");
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        archive = Files.createDirectory(shared.resolve("wal"));
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rwxrwxrwx"));
        helper = shared.resolve("archive-wal");
        Files.copy(Path.of("../deploy/postgresql/archive-wal"), helper);
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = LocalPostgres.in(folder.resolve("server"))
                .asDisposable()
                .setting("wal_level", "replica")
                .setting("archive_mode", "on")
                .setting("archive_command", helper + " \"%p\" \"%f\" " + archive)
                .start();
        backups = Backups.in(folder.resolve("backups")).archiveIn(archive);
        site = PostgresFixture.on(server.address(), "postgres");
        database = site.database();
        site.sql("CREATE TABLE ledger (entry text)", "INSERT INTO ledger VALUES ('before the backup')");
        Done done = new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backups.by(Method.PHYSICAL)), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        site.sql("INSERT INTO ledger VALUES ('first')", "SELECT pg_create_restore_point('the middle')");
        betweenLsn = site.value("SELECT pg_current_wal_insert_lsn()");
        between = Instant.parse(site.value(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        site.sql("INSERT INTO ledger VALUES ('second')", "INSERT INTO ledger VALUES ('third')");
        String segment = site.value("SELECT pg_walfile_name(pg_switch_wal())");
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(archive.resolve(segment)));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        BackupFolder.deleteTree(archive.getParent());
    }

    private static Done restore(String name, Optional<PointInTime> until) throws Exception {
        return backups.postgresRestore()
                .perform(
                        Backups.order(new Restore(
                                Optional.empty(), Optional.of(Method.PHYSICAL), Optional.of(name), false, until)),
                        database,
                        new FreeAttempt());
    }

    private static List<String> entriesOf(Done done) throws Exception {
        Path data = Path.of(((Restore.Report) done.report().orElseThrow()).target());
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        try (SpareServer restored = new SpareServer(
                data, new ContentChecks(backups).client(manifest), ServerAccount.of(backups), new FreeAttempt())) {
            restored.start(Map.of(), database.user());
            return List.of(restored.sql(database.user(), "postgres", "SELECT entry FROM ledger ORDER BY ctid")
                    .split("\n", -1));
        }
    }

    private static byte[] tar() throws Exception {
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        Path content = folder.resolve("content.tar");
        try {
            return Files.readAllBytes(backups.unpack(manifest, content));
        } finally {
            Files.deleteIfExists(content);
        }
    }

    private static void check(byte[] tar) throws Exception {
        FreeAttempt attempt = new FreeAttempt();
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        BackupFolder place = backups.catalogue().folder(database.id());
        try {
            new PhysicalCheck(new ContentChecks(backups).client(manifest), attempt)
                    .read(
                            () -> new ByteArrayInputStream(tar),
                            tar.length,
                            new Workplace(place, manifest.name()),
                            new Pump(attempt, BackupSettings.Pace.FAST, Optional.empty()));
        } finally {
            BackupFolder.deleteTree(place.partial(manifest.name() + ".check"));
        }
    }

    /** Where the bytes of a file begin. */
    private static int contentOf(byte[] tar, String name) throws Exception {
        for (int at = 0; at < tar.length; at += 512) {
            if (new String(tar, at, name.length() + 1, StandardCharsets.ISO_8859_1).equals(name + "\0")) {
                return at + 512;
            }
        }
        throw new IllegalStateException("no " + name);
    }

    @Test
    void findsAFileThatIsNotWhatTheManifestSays() throws Exception {
        byte[] tar = tar();
        check(tar);

        tar[contentOf(tar, "global/pg_control") + 100] ^= 1;

        assertThatThrownBy(() -> check(tar))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("pg_verifybackup")
                .hasMessageContaining("global/pg_control");
    }

    @Test
    void findsAManifestThatWasChanged() throws Exception {
        byte[] tar = tar();

        int at = contentOf(tar, "backup_manifest");
        String begin = new String(tar, at, 4096, StandardCharsets.ISO_8859_1);
        tar[at + begin.indexOf("Last-Modified") + 20] ^= 1;

        assertThatThrownBy(() -> check(tar)).isInstanceOf(Failure.class).hasMessageContaining("pg_verifybackup");
    }

    @Test
    void findsWriteAheadLogThatIsBroken() throws Exception {
        byte[] tar = tar();
        String list = new String(tar, StandardCharsets.ISO_8859_1);
        java.util.regex.Matcher log =
                java.util.regex.Pattern.compile("pg_wal/[0-9A-F]{24}\0").matcher(list);
        assertThat(log.find()).isTrue();

        Arrays.fill(tar, log.start() + 512, log.start() + 512 + 8192, (byte) 0);

        assertThatThrownBy(() -> check(tar)).isInstanceOf(Failure.class).hasMessageContaining("pg_waldump");
    }

    @Test
    void bringsBackTheFirstTransactionAndNotTheSecondByTime() throws Exception {
        Done done = restore(
                "by_time", Optional.of(new PointInTime(Optional.of(between), Optional.empty(), Optional.empty())));

        assertThat(entriesOf(done)).containsExactly("before the backup", "first");
    }

    @Test
    void bringsBackTheFirstTransactionAndNotTheSecondByPosition() throws Exception {
        Done done = restore(
                "by_lsn", Optional.of(new PointInTime(Optional.empty(), Optional.of(betweenLsn), Optional.empty())));

        assertThat(entriesOf(done)).contains("first").doesNotContain("third");
    }

    @Test
    void bringsBackTheFirstTransactionAndNotTheSecondByName() throws Exception {
        Done done = restore(
                "by_name", Optional.of(new PointInTime(Optional.empty(), Optional.empty(), Optional.of("the middle"))));

        assertThat(entriesOf(done)).containsExactly("before the backup", "first");
    }

    @Test
    void saysThatTheLogDoesNotReachThePointAndLeavesNothing() throws Exception {
        Failure failure = catchThrowableOfType(
                Failure.class,
                () -> restore(
                        "too_late",
                        Optional.of(new PointInTime(
                                Optional.of(Instant.parse("2037-01-01T00:00:00Z")),
                                Optional.empty(),
                                Optional.empty()))));

        assertThat(failure.reason().code()).isEqualTo(Code.TOOL_FAILED);
        assertThat(failure).hasMessageContaining("does not reach the point asked for");
        assertThat(backups.restoreDirectory()).isDirectoryNotContaining("glob:**too_late*");
    }

    @Test
    void refusesATimeBeforeTheBackup() throws Exception {
        Done done = restore(
                "too_early",
                Optional.of(new PointInTime(
                        Optional.of(Instant.parse("2020-01-01T00:00:00Z")), Optional.empty(), Optional.empty())));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
    }

    @Test
    void provesAPhysicalBackupAndReadsEveryRow() throws Exception {
        Done done = new PostgresRestoreDrill(
                        backups, new ContentChecks(backups), new Drilling(backups, backups.catalogue()))
                .perform(
                        Backups.order(new RestoreDrill(Optional.empty(), Optional.of(Method.PHYSICAL))),
                        database,
                        new FreeAttempt());

        RestoreDrill.Report report = (RestoreDrill.Report) done.report().orElseThrow();
        assertThat(report.proven()).isTrue();
        assertThat(report.rows()).isEqualTo(1);
        assertThat(backups.catalogue().list(database.id()).get(0).state()).isEqualTo(Backup.State.PROVEN);
    }

    @Test
    void archivesASegmentOnceAndNeverOverADifferentOne() throws Exception {
        Path segment = Files.writeString(folder.resolve("segment"), "log");
        Path target = Files.createDirectories(folder.resolve("archive"));

        assertThat(archived(segment, "000000010000000000000001", target)).isZero();
        assertThat(archived(segment, "000000010000000000000001", target)).isZero();
        Files.writeString(segment, "another log");
        assertThat(archived(segment, "000000010000000000000001", target)).isEqualTo(1);
        assertThat(archived(segment, "../escape", target)).isEqualTo(64);

        assertThat(target.resolve("000000010000000000000001")).hasContent("log");
        assertThat(target.toFile().list()).hasSize(1);
    }

    private static int archived(Path segment, String name, Path target) throws Exception {
        return new ProcessBuilder(helper.toString(), segment.toString(), name, target.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
