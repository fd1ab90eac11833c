package dev.upkeep.executor.operation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3StoreTest {
    @TempDir
    static Path folder;

    static LocalS3 server;
    static ObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        server = LocalS3.in(folder);
        store = server.store();
    }

    @AfterAll
    static void stop() throws Exception {
        server.end();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void write(String key, byte[] content) throws Exception {
        try (Upload upload = store.begin(key, 0)) {
            upload.write(content, 0, content.length);
            upload.complete();
        }
    }

    @Test
    void givesBackWhatWasWrittenInOneOrManyParts() throws Exception {
        for (int length : new int[] {0, 1, S3Address.LEAST_PART, S3Address.LEAST_PART + 1, 3 * S3Address.LEAST_PART}) {
            byte[] content = random(length);

            write("sizes/" + length, content);

            try (InputStream in = store.open("sizes/" + length)) {
                assertThat(in.readAllBytes()).as("%d bytes", length).isEqualTo(content);
            }
        }
        assertThat(store.list("sizes/").values())
                .contains(0L, 1L, (long) S3Address.LEAST_PART, 3L * S3Address.LEAST_PART);
    }

    @Test
    void showsNothingOfAnUploadThatIsNotComplete() throws Exception {
        byte[] content = random(2 * S3Address.LEAST_PART);
        try (Upload upload = store.begin("broken/off", 0)) {
            upload.write(content, 0, content.length);
            upload.write(content, 0, 1);

            assertThat(store.list("broken/")).isEmpty();
        }

        assertThat(store.list("broken/")).isEmpty();
        assertThat(store.removeUnfinished("broken/")).isEmpty();
    }

    @Test
    void dropsUploadsThatSomebodyLeftUnfinished() throws Exception {
        byte[] content = random(2 * S3Address.LEAST_PART);
        Upload abandoned = store.begin("left/behind", 0);
        abandoned.write(content, 0, content.length);
        Upload other = store.begin("another/one", 0);
        other.write(content, 0, content.length);

        assertThat(store.removeUnfinished("left/")).containsExactly("left/behind");
        assertThat(store.removeUnfinished("left/")).isEmpty();
        other.write(content, 0, 1);
        other.complete();
        assertThat(store.list("another/")).containsOnlyKeys("another/one");
    }

    @Test
    void removesAndReplaces() throws Exception {
        store.put("small", new byte[] {1});
        store.put("small", new byte[] {2, 3});
        assertThat(store.get("small")).hasValue(new byte[] {2, 3});

        store.remove("small");
        store.remove("small");

        assertThat(store.get("small")).isEmpty();
        assertThatThrownBy(() -> store.open("small")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void listsMoreThanOnePageHolds() throws Exception {
        for (int i = 0; i < 1_005; i++) {
            store.put("many/" + i, new byte[] {1});
        }

        assertThat(store.list("many/")).hasSize(1_005);
    }

    @Test
    void saysThatTheKeyIsWrongOrTheBucketMissing() {
        Failure wrong = catchThrowableOfType(
                Failure.class,
                () -> S3Store.at(LocalS3.address(server.port(), "guessed")).list(""));

        assertThat(wrong.reason().code()).isEqualTo(Code.AUTHENTICATION_FAILED);
        assertThat(wrong.reason().message())
                .contains("upkeep.store.s3.access-key-id")
                .doesNotContain("guessed");
    }

    @Test
    void refusesAnAddressWithoutTlsThatIsNotOnThisHost() {
        assertThatThrownBy(() -> S3Address.of(new Given("http://store.example.org")))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.store.s3.endpoint");
        assertThat(S3Address.of(new Given("https://store.example.org")).prefix())
                .isEqualTo("host7/");
    }

    @Test
    void takesPartsLargeEnoughForTheObject() {
        assertThat(S3Upload.partBytes(8 << 20, 1_000, 64 << 20)).isEqualTo(8 << 20);
        assertThat(10_000L * S3Upload.partBytes(8 << 20, 200_000_000_000L, 64 << 20))
                .isGreaterThan(300_000_000_000L);
        assertThat(S3Upload.partBytes(8 << 20, 200_000_000_000L, 16 << 20)).isEqualTo(16 << 20);
    }
}
