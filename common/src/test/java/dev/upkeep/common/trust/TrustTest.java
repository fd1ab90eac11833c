package dev.upkeep.common.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustTest {
    @TempDir
    Path folder;

    private Path file(String mode) throws IOException {
        Path file = folder.resolve("file");
        Files.deleteIfExists(file);
        Files.createFile(file);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void believesWhatOnlyItsOwnerCanChange() throws Exception {
        assertThat(Trust.unwritableByOthers(file("rw-r--r--"))).isEmpty();
        assertThat(Trust.unwritableByOthers(file("rw-------"))).isEmpty();
    }

    @Test
    void doesNotBelieveWhatOthersCanChange() throws Exception {
        assertThat(Trust.unwritableByOthers(file("rw-rw-r--"))).get().asString().contains("written by other users");
        assertThat(Trust.unwritableByOthers(file("rw-r---w-"))).isPresent();
    }

    @Test
    void looksAtTheFileBehindALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), file("rw-rw-rw-"));

        assertThat(Trust.unwritableByOthers(link)).isPresent();
    }

    @Test
    void keepsSecretsFromEverybodyElse() throws Exception {
        assertThat(Trust.secret(file("rw-------"))).isEmpty();
        assertThat(Trust.secret(file("r--------"))).isEmpty();
        assertThat(Trust.secret(file("rw-r--r--"))).get().asString().contains("read by other users");
        assertThat(Trust.secret(file("rw--w----"))).isPresent();
    }

    @Test
    void letsTheGroupReadASecretOfRootsOnly() throws Exception {
        Path file = file("rw-r-----");
        boolean isRoots = Files.getOwner(file).getName().equals("root");

        assertThat(Trust.secret(file).isEmpty()).isEqualTo(isRoots);
    }
}
