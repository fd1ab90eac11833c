package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.store.LocalS3;
import dev.upkeep.executor.operation.store.ObjectStore;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logical backups of PostgreSQL, encrypted, in an S3-compatible store. */
class PostgresInStoreTest {
    private static final RestoreDrill DRILL = new RestoreDrill(Optional.empty(), Optional.empty());

    @TempDir
    static Path folder;

    static LocalS3 server;
    static ObjectStore store;
    static Backups sealed;
    static Backups opened;
    static PostgresDatabase database;
    static Manifest first;
    static final AtomicBoolean isAway = new AtomicBoolean();

    @BeforeAll
    static void orders() throws Exception {
        server = LocalS3.in(folder.resolve("objects"));
        store = server.store();
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        sealed = Backups.in(folder.resolve("work"))
                .inStore(store)
                .encryptedFor(pair.getPublic().toString());
        opened = sealed.openedBy(identity(folder, pair));
        String name = TestServers.newDatabase("stored");
        AwkwardContent.fillPostgres(name, TestServers.unique("reader"));
        // more than two parts, which cannot be compressed
        TestServers.postgres()
                .execute(
                        name,
                        "CREATE TABLE noise AS SELECT i, string_agg(md5(random()::text), '') AS text"
                                + " FROM generate_series(1, 40) i, generate_series(1, 9000) j GROUP BY i");
        database = PostgresBackupTest.database(name, TestServers.postgres().password());
        first = take(sealed);
    }

    /** Leaves the first one as it was taken. */
    @AfterEach
    void tidy() throws Exception {
        if (isAway.getAndSet(false)) {
            server.comeBack();
        }
        for (Manifest manifest : sealed.catalogue().list(database.id())) {
            if (!manifest.name().equals(first.name())) {
                store.remove(key(manifest.name() + ".json"));
                store.remove(key(manifest.name()));
            }
        }
        sealed.catalogue().put(first);
    }

    @AfterAll
    static void stop() throws Exception {
        server.end();
    }

    static Path identity(Path folder, KeyPair keys) throws Exception {
        Path file = Files.createTempFile(folder, "identity", ".txt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(file, keys.getPrivate().toString() + "\n");
    }

    private static Manifest take(Backups backups) throws Exception {
        Done done = new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backups.uncompressed()), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        return backups.catalogue().list(database.id()).get(0);
    }

    private static Done verify(Backups backups) throws Exception {
        return new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, new FreeAttempt());
    }

    private static Done restore(Backups backups, String copy, FreeAttempt attempt) throws Exception {
        return backups.postgresRestore().perform(Backups.order(Backups.into(copy)), database, attempt);
    }

    private static String key(String name) {
        return "backups/" + database.id() + "/" + name;
    }

    private static boolean exists(String sql) throws Exception {
        try (Connection connection = TestServers.postgres().connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (" + sql + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Test
    void comesBackEqualFromAnEncryptedStore() throws Exception {
        Manifest manifest = first;

        assertThat(manifest.name()).endsWith(".dump.age");
        assertThat(manifest.file().bytes()).isGreaterThan(10_000_000);
        assertThat(store.list("")).containsOnlyKeys(key(manifest.name()), key(manifest.name() + ".json"));
        assertThat(Files.readString(server.file(key(manifest.name())), java.nio.charset.StandardCharsets.ISO_8859_1))
                .startsWith("age-encryption.org/v1")
                .doesNotContain("large object");
        assertThat(verify(sealed).findings()).isEmpty();
        assertThat(verify(opened).findings()).isEmpty();
        Done drill = opened.postgresDrill().perform(Backups.order(DRILL), database, new FreeAttempt());
        assertThat(((RestoreDrill.Report) drill.report().orElseThrow()).differences())
                .isEmpty();
        assertThat(opened.catalogue().list(database.id()).get(0).state()).isEqualTo(State.PROVEN);
        String copy = TestServers.unique("copy");
        Done restored = restore(opened, copy, new FreeAttempt());
        assertThat(restored.findings()).isEmpty();
        assertThat(((Restore.Report) restored.report().orElseThrow()).rows())
                .isEqualTo(manifest.contents().orElseThrow().rows());
        assertThat(opened.names(database.id())).isEmpty();
    }

    @Test
    void countsAndRestoresNothingWithTheWrongKey() throws Exception {
        Backups wrong = sealed.openedBy(identity(folder, new X25519KeyPairGenerator().generateKeyPair()));
        String copy = TestServers.unique("copy");

        Failure drill = catchThrowableOfType(
                Failure.class, () -> wrong.postgresDrill().perform(Backups.order(DRILL), database, new FreeAttempt()));
        Failure restore = catchThrowableOfType(Failure.class, () -> restore(wrong, copy, new FreeAttempt()));
        Failure backup = catchThrowableOfType(Failure.class, () -> take(wrong));

        assertThat(List.of(drill, restore, backup))
                .extracting(failure -> failure.reason().code())
                .containsOnly(Code.KEY_MISSING);
        assertThat(exists("SELECT FROM pg_database WHERE datname = '" + copy + "' OR datname = '"
                        + Partials.database(database.id(), copy) + "'"))
                .isFalse();
        assertThat(store.list("")).hasSize(2);
        assertThat(store.removeUnfinished("")).isEmpty();
        assertThat(verify(wrong).findings()).extracting(Finding::check).containsExactly("backup-damaged");
        assertThat(wrong.catalogue().newest(database.id())).isEmpty();
        verify(opened);
        assertThat(opened.catalogue().newest(database.id())).isPresent();
    }

    @Test
    void findsAByteThatWasFlippedInTheStoreAndRestoresNothingOfIt() throws Exception {
        Manifest manifest = first;
        String copy = TestServers.unique("copy");
        flip(manifest);
        try {
            Exception restore = catchThrowableOfType(Exception.class, () -> restore(opened, copy, new FreeAttempt()));
            Done drill = null;
            Exception drilled = null;
            try {
                drill = opened.postgresDrill().perform(Backups.order(DRILL), database, new FreeAttempt());
            } catch (Failure | java.io.IOException e) {
                drilled = e;
            }

            assertThat(restore).isNotNull();
            assertThat(exists("SELECT FROM pg_database WHERE datname = '" + copy + "'"))
                    .isFalse();
            assertThat(drilled == null ? drill.findings() : List.of(drilled)).isNotEmpty();
            assertThat(opened.catalogue().list(database.id())).noneMatch(listed -> listed.state() == State.PROVEN);
            for (Backups looking : List.of(sealed, opened)) {
                assertThat(verify(looking).findings())
                        .extracting(Finding::object)
                        .containsExactly(manifest.name());
            }
            assertThat(opened.catalogue().newest(database.id())).isEmpty();
        } finally {
            flip(manifest);
        }
    }

    private static void flip(Manifest manifest) throws Exception {
        Damage.flip(server.file(key(manifest.name())), manifest.file().bytes() - 100_000);
    }

    @Test
    void countsNothingAndLeavesNothingWhenTheStoreGoesAwayWhileADumpIsWritten() throws Exception {
        AtomicBoolean isGone = new AtomicBoolean();
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> {
            if (attempt.percents.get(attempt.percents.size() - 1) > 30 && isGone.compareAndSet(false, true)) {
                goAway();
            }
        });

        Failure failure = catchThrowableOfType(
                Failure.class,
                () -> new PostgresBackup(sealed, sealed.taking())
                        .perform(Backups.order(Backups.uncompressed()), database, attempt));

        assertThat(isGone).isTrue();
        assertThat(failure.reason().code()).isEqualTo(Code.STORE_UNAVAILABLE);
        assertThat(sealed.names(database.id())).isEmpty();
        assertThat(exists("SELECT FROM pg_stat_activity WHERE datname = '"
                        + database.address().database() + "' AND application_name LIKE '%pg_dump%'"))
                .isFalse();
        comeBack();
        assertThat(sealed.catalogue().list(database.id()))
                .extracting(Manifest::name)
                .containsExactly(first.name());
        take(sealed);
        assertThat(store.removeUnfinished("")).isEmpty();
        assertThat(store.list("")).hasSize(4);
    }

    @Test
    void leavesNoHalfDatabaseWhenTheStoreGoesAwayWhileItIsRestored() throws Exception {
        String copy = TestServers.unique("copy");
        AtomicBoolean isGone = new AtomicBoolean();
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> {
            if (attempt.percents.get(attempt.percents.size() - 1) > 10 && isGone.compareAndSet(false, true)) {
                goAway();
            }
        });

        Failure failure = catchThrowableOfType(Failure.class, () -> restore(opened, copy, attempt));

        assertThat(isGone).isTrue();
        assertThat(failure.reason().code()).isEqualTo(Code.STORE_UNAVAILABLE);
        assertThat(exists("SELECT FROM pg_database WHERE datname = '" + copy + "' OR datname = '"
                        + Partials.database(database.id(), copy) + "'"))
                .isFalse();
        assertThat(opened.names(database.id())).isEmpty();
        comeBack();
        assertThat(restore(opened, copy, new FreeAttempt()).findings()).isEmpty();
    }

    @Test
    void callsNoEncryptedBackupDamagedWhenTheStoreGoesAwayWhileItIsRead() throws Exception {
        AtomicBoolean isGone = new AtomicBoolean();
        FreeAttempt attempt = new FreeAttempt().atProgress(() -> {
            if (isGone.compareAndSet(false, true)) {
                goAway();
            }
        });

        Failure failure = catchThrowableOfType(
                Failure.class,
                () -> new Verifying(opened, opened.catalogue(), new ContentChecks(opened))
                        .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, attempt));

        comeBack();
        assertThat(failure.reason().code()).isEqualTo(Code.STORE_UNAVAILABLE);
        assertThat(opened.catalogue().newest(database.id())).isPresent();
    }

    private static void comeBack() throws Exception {
        isAway.set(false);
        server.comeBack();
    }

    private static void goAway() {
        try {
            server.goAway();
            isAway.set(true);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
