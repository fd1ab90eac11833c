package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondPersonTest {
    @TempDir
    Path folder;

    private Path key(String name) throws Exception {
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n");
    }

    @Test
    void refusesAKeyThatSignsCommandsAndOverrides() throws Exception {
        Path scheduler = key("scheduler.pem");
        Path copy = Files.copy(scheduler, folder.resolve("copy.pem"));

        assertThatThrownBy(() -> SecondPerson.check(Map.of("ops-1", scheduler), Map.of("ann", copy)))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.purge.override-keys.ann: " + copy);
    }

    @Test
    void takesTwoDifferentKeys() throws Exception {
        Path scheduler = key("scheduler.pem");
        Path ann = key("ann.pem");

        assertThatCode(() -> SecondPerson.check(Map.of("ops-1", scheduler), Map.of("ann", ann)))
                .doesNotThrowAnyException();
    }
}
