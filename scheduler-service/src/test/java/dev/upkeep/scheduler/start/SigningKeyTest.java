package dev.upkeep.scheduler.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key that signs commands is the scheduler's alone. */
class SigningKeyTest {
    @TempDir
    private Path folder;

    private Path key(String mode) throws Exception {
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        Path file = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(key)
                        + "\n-----END PRIVATE KEY-----\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void takesAKeyThatOnlyItsOwnerCanReadAlsoByALinkAsSecretsAreMountedIntoContainers() throws Exception {
        Path file = key("r--------");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertThat(Signing.signer(Optional.of(file), Optional.of("scheduler-1")))
                .isPresent();
        assertThat(Signing.signer(Optional.of(link), Optional.of("scheduler-1")))
                .isPresent();
    }

    @Test
    void refusesAKeyThatOthersCanReadAlsoBehindALink() throws Exception {
        Path file = key("rw-r--r--");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        for (Path open : new Path[] {file, link}) {
            assertThatThrownBy(() -> Signing.signer(Optional.of(open), Optional.of("scheduler-1")))
                    .isInstanceOf(InvalidValue.class)
                    .hasMessageContaining("upkeep.signing.key-file")
                    .hasMessageContaining("chmod 600");
        }
    }
}
