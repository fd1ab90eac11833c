package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that are encrypted for keys of age. */
class EncryptionTest {
    @TempDir
    Path folder;

    KeyPair pair;
    Backups sealed;
    SqliteDatabase database;

    @BeforeEach
    void queue() throws Exception {
        pair = new X25519KeyPairGenerator().generateKeyPair();
        sealed = Backups.in(folder.resolve("backups"))
                .encryptedFor(pair.getPublic().toString());
        database = new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db"));
        try (Connection connection = SqliteBackupTest.open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, note TEXT)");
            statement.execute("INSERT INTO task VALUES (1, 'known-plain-text')");
        }
    }

    private Path identity(KeyPair keys) throws Exception {
        Path file = Files.createTempFile(folder, "identity", ".txt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(
                file,
                "# created: today\n# public key: age1…\n" + keys.getPrivate().toString() + "\n");
    }

    private Manifest take(Backups backups, Backup task) throws Exception {
        Done done = new SqliteBackup(backups.taking()).perform(Backups.order(task), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        return backups.catalogue().list(database.id()).get(0);
    }

    private Done verify(Backups backups) throws Exception {
        return new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), false)), database, new FreeAttempt());
    }

    private Done drill(Backups backups) throws Exception {
        return new SqliteRestoreDrill(new Drilling(backups, backups.catalogue()))
                .perform(
                        Backups.order(new RestoreDrill(Optional.empty(), Optional.empty())),
                        database,
                        new FreeAttempt());
    }

    @Test
    void takesAndVerifiesWithNothingButAPublicKey() throws Exception {
        Manifest manifest = take(sealed, Backups.uncompressed());

        assertThat(manifest.state()).isEqualTo(State.VERIFIED);
        assertThat(manifest.contents().orElseThrow().rows()).isEqualTo(1);
        assertThat(manifest.name()).endsWith(".sqlite.age");
        assertThat(manifest.file().encryption().orElseThrow().recipients())
                .containsExactly(pair.getPublic().toString());
        assertThat(new String(Files.readAllBytes(sealed.file(manifest)), StandardCharsets.ISO_8859_1))
                .startsWith("age-encryption.org/v1\n")
                .doesNotContain("known-plain-text");
        assertThat(verify(sealed).findings()).isEmpty();
    }

    @Test
    void opensWithTheSecretKeyOfARecipient() throws Exception {
        Manifest manifest = take(sealed, Backup.byDefault());
        Backups opened = sealed.openedBy(identity(pair));

        assertThat(manifest.name()).endsWith(".sqlite.zst.age");
        assertThat(verify(opened).findings()).isEmpty();
        assertThat(drill(opened).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(opened.catalogue().list(database.id()).get(0).state()).isEqualTo(State.PROVEN);
        Path copy = opened.unpack(manifest, folder.resolve("copy.db"));
        assertThat(SqliteBackupTest.number(copy, "SELECT count(*) FROM task")).isEqualTo(1);
    }

    @Test
    void neverCountsAsVerifiedWhatTheKeyOfThisHostDoesNotOpen() throws Exception {
        take(sealed, Backup.byDefault());
        Backups wrong = sealed.openedBy(identity(new X25519KeyPairGenerator().generateKeyPair()));

        Done verified = verify(wrong);

        assertThat(verified.findings()).extracting(Finding::check).containsExactly("backup-damaged");
        assertThat(verified.findings().get(0).value())
                .contains("none of the keys in")
                .contains("opens it");
        assertThat(wrong.catalogue().newest(database.id())).isEmpty();
        verify(sealed.openedBy(identity(pair)));
        assertThat(wrong.catalogue().newest(database.id())).isPresent();
    }

    @Test
    void takesNoBackupThatTheKeyOfThisHostWouldNotOpen() throws Exception {
        Backups wrong = sealed.openedBy(identity(new X25519KeyPairGenerator().generateKeyPair()));

        Failure failure = catchThrowableOfType(Failure.class, () -> take(wrong, Backup.byDefault()));

        assertThat(failure.reason().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(wrong.names(database.id())).isEmpty();
    }

    @Test
    void saysThatADrillNeedsTheSecretKey() throws Exception {
        take(sealed, Backup.byDefault());

        Done done = drill(sealed);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(done.reason().orElseThrow().message()).contains("upkeep.backup.identity-file");
        assertThat(sealed.catalogue().newest(database.id())).isPresent();
    }

    @Test
    void findsEachFlippedByteWithAndWithoutTheSecretKey() throws Exception {
        Manifest manifest = take(sealed, Backup.byDefault());
        Path file = sealed.file(manifest);
        Backups opened = sealed.openedBy(identity(pair));

        for (long seed = 0; seed < 60; seed++) {
            long position = (long) (new Random(seed).nextDouble() * Files.size(file));
            Damage.flip(file, position);
            Done with = verify(opened);
            Done without = verify(sealed);
            Damage.flip(file, position);

            assertThat(with.findings()).as("byte %d", position).hasSize(1);
            assertThat(with.findings().get(0).value()).doesNotContain("opens it");
            assertThat(without.findings()).as("byte %d", position).hasSize(1);
        }
    }

    @Test
    void refusesKeysThatAreNoneAndFilesThatOthersCanRead() throws Exception {
        Path open = identity(pair);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> BackupSettings.keys(sealed.encryptedFor("ssh-ed25519 AAAA"))
                        .check())
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.backup.recipients");
        assertThatThrownBy(() -> BackupSettings.keys(sealed.openedBy(open)).check())
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("chmod 600");
    }
}
