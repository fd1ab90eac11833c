package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.Restore.PointInTime;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.executor.operation.store.LocalS3;
import dev.upkeep.local.server.LocalPostgres;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted physical backups and the archive of write-ahead log, both in an S3-compatible store. */
class WalStoreTest {
    @TempDir
    static Path folder;

    static Path shared;
    static LocalS3 objects;
    static LocalPostgres server;
    static PostgresFixture site;
    static Backups backups;
    static PostgresDatabase database;
    static Instant between;
    static String segment;

    @BeforeAll
    static void twoTransactions() throws Exception {
        // others must be able to enter, since the server may run as another user
        shared = Files.createTempDirectory("upkeep-wal");
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path helper = Files.copy(Path.of("../deploy/postgresql/wal-s3"), shared.resolve("wal-s3"));
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        objects = LocalS3.in(folder.resolve("objects"));
        Path secret = shared.resolve("secret");
        Path settings = Files.writeString(shared.resolve("settings"), objects.walSettings("wal/", secret));
        server = LocalPostgres.in(folder.resolve("server"))
                .asDisposable()
                .setting("wal_level", "replica")
                .setting("archive_mode", "on")
                .setting("archive_command", helper + " put \"%p\" \"%f\" " + settings)
                .start();
        site = PostgresFixture.on(server.address(), "postgres");
        database = site.database();
        Files.writeString(secret, LocalS3.SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(secret, Files.getOwner(Path.of(site.value("SHOW data_directory"))));
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        backups = Backups.in(folder.resolve("backups"))
                .inStore(objects.store())
                .encryptedFor(pair.getPublic().toString())
                .openedBy(PostgresInStoreTest.identity(folder, pair))
                .logIn(objects.store());
        site.sql("CREATE TABLE ledger (entry text)", "INSERT INTO ledger VALUES ('before the backup')");
        Done done = new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backups.by(Method.PHYSICAL)), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        site.sql("INSERT INTO ledger VALUES ('first')");
        between = Instant.parse(site.value(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        site.sql("INSERT INTO ledger VALUES ('second')");
        segment = site.value("SELECT pg_walfile_name(pg_switch_wal())");
        awaitArchived(segment);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        objects.end();
        BackupFolder.deleteTree(shared);
    }

    private static void awaitArchived(String name) {
        await().atMost(Duration.ofSeconds(90))
                .until(() -> site.value("SELECT last_archived_wal >= '" + name + "' FROM pg_stat_archiver")
                        .equals("t"));
    }

    private static Done restore(Backups from, String name, Instant until) throws Exception {
        return from.postgresRestore()
                .perform(
                        Backups.order(new Restore(
                                Optional.empty(),
                                Optional.of(Method.PHYSICAL),
                                Optional.of(name),
                                false,
                                Optional.of(new PointInTime(Optional.of(until), Optional.empty(), Optional.empty())))),
                        database,
                        new FreeAttempt());
    }

    @Test
    void bringsBackTheFirstTransactionAndNotTheSecondFromTheStore() throws Exception {
        Done done = restore(backups, "by_time", between);

        Path data = Path.of(((Restore.Report) done.report().orElseThrow()).target());
        assertThat(data.resolve(WalFeed.SPOOL)).doesNotExist();
        assertThat(data.resolve("postgresql.auto.conf")).content().doesNotContain("restore_command");
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        assertThat(manifest.name()).endsWith(".base.zst.age");
        try (SpareServer restored = new SpareServer(
                data, new ContentChecks(backups).client(manifest), ServerAccount.of(backups), new FreeAttempt())) {
            restored.start(Map.of(), database.user());
            assertThat(restored.sql(database.user(), "postgres", "SELECT entry FROM ledger ORDER BY ctid"))
                    .isEqualTo("before the backup\nfirst");
        }
    }

    @Test
    void provesAnEncryptedPhysicalBackupInTheStore() throws Exception {
        Done done = backups.postgresDrill()
                .perform(
                        Backups.order(new RestoreDrill(Optional.empty(), Optional.of(Method.PHYSICAL))),
                        database,
                        new FreeAttempt());

        assertThat(((RestoreDrill.Report) done.report().orElseThrow()).proven()).isTrue();
        assertThat(backups.catalogue().list(database.id()).get(0).state()).isEqualTo(State.PROVEN);
        assertThat(backups.names(database.id())).isEmpty();
    }

    @Test
    void doesNotTakeAStoreThatIsAwayForTheEndOfTheLog() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }

        Failure failure = catchThrowableOfType(
                Failure.class, () -> restore(backups.logIn(LocalS3.storeAt(nobody)), "away", between));

        assertThat(failure.reason().code()).isEqualTo(Code.STORE_UNAVAILABLE);
        assertNothingOf("away");
    }

    @Test
    void saysThatTheArchivedLogIsDamaged() throws Exception {
        Path stored = objects.file("wal/" + segment + ".zst");
        Damage.flip(stored);
        try {
            Failure failure =
                    catchThrowableOfType(Failure.class, () -> restore(backups, "damaged", between.plusSeconds(1)));

            assertThat(failure.reason().code()).isEqualTo(Code.VERIFICATION_FAILED);
            assertThat(failure).hasMessageContaining("wal/" + segment + ".zst cannot be unpacked");
            assertNothingOf("damaged");
        } finally {
            Damage.flip(stored);
        }
    }

    private static void assertNothingOf(String name) {
        assertThat(backups.restoreDirectory()).isDirectoryNotContaining("glob:**" + name + "*");
    }

    @Test
    void keepsTheLogWhileTheStoreIsAwayAndSendsItLater() throws Exception {
        long failed = Long.parseLong(site.value("SELECT failed_count FROM pg_stat_archiver"));
        objects.goAway();
        String kept;
        try {
            site.sql("INSERT INTO ledger VALUES ('while the store is away')");
            kept = site.value("SELECT pg_walfile_name(pg_switch_wal())");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Long.parseLong(site.value("SELECT failed_count FROM pg_stat_archiver")) > failed);
            assertThat(site.value(
                            "SELECT count(*) FROM pg_ls_dir('pg_wal/archive_status') n WHERE n = '" + kept + ".ready'"))
                    .isEqualTo("1");
            assertThat(site.value("SELECT count(*) FROM pg_ls_dir('pg_wal') n WHERE n = '" + kept + "'"))
                    .isEqualTo("1");
        } finally {
            objects.comeBack();
        }
        site.sql("INSERT INTO ledger VALUES ('it is back')", "SELECT pg_switch_wal()");

        awaitArchived(kept);

        assertThat(objects.file("wal/" + kept + ".zst")).exists();
    }
}
