package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.store.LocalS3;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that PostgreSQL's archive_command and restore_command call. */
class WalHelperTest {
    private static final String NAME = "000000010000000000000001";
    private static final Path IN_STORE = Path.of("../deploy/postgresql/wal-s3").toAbsolutePath();
    private static final Path IN_FOLDER =
            Path.of("../deploy/postgresql/archive-wal").toAbsolutePath();

    @TempDir
    static Path shared;

    static LocalS3 objects;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        objects = LocalS3.in(shared.resolve("objects"));
    }

    @AfterAll
    static void stop() throws Exception {
        objects.end();
    }

    record Ended(int status, String said) {}

    private static Ended run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    private static Ended helper(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(IN_STORE.toString());
        List.of(arguments).forEach(argument -> command.add(argument.toString()));
        return run(command);
    }

    /** @param keys a place of this test's own in the store */
    private Path settings(String keys, String permissions) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), LocalS3.SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString(permissions));
        return Files.writeString(folder.resolve("settings"), objects.walSettings(keys, secret));
    }

    private Path segment(String content) throws Exception {
        return Files.writeString(folder.resolve("segment"), content.repeat(50_000));
    }

    @Test
    void putsAFileOnceAndNeverOverADifferentOne() throws Exception {
        Path settings = settings("once/", "rw-------");
        Path segment = segment("log");
        Path back = folder.resolve("back");

        assertThat(helper("put", segment, NAME, settings)).isEqualTo(new Ended(0, ""));
        assertThat(helper("put", segment, NAME, settings)).isEqualTo(new Ended(0, ""));
        assertThat(helper("get", NAME, back, settings)).isEqualTo(new Ended(0, ""));
        assertThat(back).hasSameBinaryContentAs(segment);
        segment("another log");
        Ended other = helper("put", segment, NAME, settings);

        assertThat(other.status()).isEqualTo(1);
        assertThat(other.said()).contains("is not overwritten");
        assertThat(helper("get", NAME, back, settings).status()).isZero();
        assertThat(back).content().startsWith("loglog");
        assertThat(helper("put", segment, "../escape", settings).status()).isEqualTo(64);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("secret", "settings", "segment", "back");
        assertThat(objects.store().list("once/")).containsOnlyKeys("once/" + NAME + ".zst");
    }

    @Test
    void tellsAMissingFileFromAStoreThatIsAwayAndFromADamagedOne() throws Exception {
        Path settings = settings("told/", "rw-------");
        Path back = folder.resolve("back");
        helper("put", segment("log"), NAME, settings);

        Ended missing = helper("get", "000000010000000000000002", back, settings);
        Damage.flip(objects.file("told/" + NAME + ".zst"), 8);
        Ended damaged = helper("get", NAME, back, settings);
        Path away = Files.writeString(
                folder.resolve("away"),
                Files.readString(settings).replaceAll("(?m)^endpoint=.*$", "endpoint=http://127.0.0.1:1"));
        Ended gone = helper("get", NAME, back, away);
        Ended notSent = helper("put", folder.resolve("segment"), NAME, away);

        assertThat(missing.status()).isEqualTo(1);
        // above 125 a recovery ends instead of taking it for the end of the log
        assertThat(damaged.status()).isEqualTo(200);
        assertThat(gone.status()).isEqualTo(200);
        assertThat(notSent.status()).isEqualTo(1);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("secret", "settings", "segment", "away");
    }

    @Test
    void refusesASecretThatOthersCanReadAndAnAddressWithoutTls() throws Exception {
        Path segment = segment("log");
        Ended open = helper("put", segment, NAME, settings("open/", "rw-r--r--"));
        Path settings = settings("open/", "rw-------");
        Files.writeString(
                settings, Files.readString(settings).replaceAll("(?m)^endpoint=.*$", "endpoint=http://s3.example.org"));
        Ended plain = helper("put", segment, NAME, settings);

        assertThat(open.status()).isEqualTo(1);
        assertThat(open.said()).contains("chmod 600").doesNotContain(LocalS3.SECRET);
        assertThat(plain.status()).isEqualTo(1);
        assertThat(plain.said()).contains("must be https");
        assertThat(objects.store().list("open/")).isEmpty();
    }

    @Test
    void failsOnAFullDiskAndLeavesNothingOfAFile() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path segment = folder.resolve("segment");
        byte[] content = new byte[3_000_000];
        new java.util.Random(1).nextBytes(content);
        Files.write(segment, content);
        Path settings = settings("full/", "rw-------");

        Ended ended = run(List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                """
                mount -t tmpfs -o size=2m none "$1" && mkdir "$1/wal" "$1/tmp" || exit 9
                "$2" "$4" "$5" "$1/wal" 2> /dev/null; echo "folder $?"
                TMPDIR="$1/tmp" "$3" put "$4" "$5" "$6" 2> /dev/null; echo "store $?"
                find "$1" -type f | wc -l
                mount -o remount,size=9m "$1"
                "$2" "$4" "$5" "$1/wal"; echo "folder $?"
                TMPDIR="$1/tmp" "$3" put "$4" "$5" "$6"; echo "store $?"
                find "$1" -type f | wc -l; cmp "$4" "$1/wal/$5" && echo same
                """,
                "sh",
                disk.toString(),
                IN_FOLDER.toString(),
                IN_STORE.toString(),
                segment.toString(),
                NAME,
                settings.toString()));

        assertThat(ended.said().lines().map(String::strip))
                .containsExactly("folder 1", "store 1", "0", "folder 0", "store 0", "1", "same");
        assertThat(objects.store().list("full/")).hasSize(1);
    }

    @Test
    void removesWhatAKilledRunLeftInTheFolder() throws Exception {
        Path target = Files.createDirectory(folder.resolve("wal"));
        Files.writeString(target.resolve("." + NAME + ".4711.partial"), "half");

        Ended ended = run(List.of(IN_FOLDER.toString(), segment("log").toString(), NAME, target.toString()));

        assertThat(ended.status()).isZero();
        assertThat(target.toFile().list()).containsExactly(NAME);
    }
}
