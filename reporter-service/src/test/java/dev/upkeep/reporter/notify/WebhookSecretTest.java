package dev.upkeep.reporter.notify;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The secret that signs posts is the reporter's alone. */
class WebhookSecretTest {
    private record Config(Optional<URI> url, Optional<Path> secretFile, Duration timeout) implements WebhookConfig {}

    @Test
    void mustNotBeReadableByOthers(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), "correct-horse-battery\n");
        Config config = new Config(Optional.empty(), Optional.of(file), Duration.ofSeconds(1));

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> new Webhook(config, Clock.systemUTC()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.alerts.webhook.secret-file")
                .hasMessageContaining("can be read by other users");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatCode(() -> new Webhook(config, Clock.systemUTC())).doesNotThrowAnyException();
    }
}
