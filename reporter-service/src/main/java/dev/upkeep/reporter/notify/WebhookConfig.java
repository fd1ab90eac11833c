package dev.upkeep.reporter.notify;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A web address that alerts are posted to. */
@ConfigMapping(prefix = "upkeep.alerts.webhook")
public interface WebhookConfig {
    /** Where to; no webhook if absent. */
    Optional<URI> url();

    /** A file with the secret for signatures, its first line; unsigned if absent. */
    Optional<Path> secretFile();

    /** How long one post may take. */
    @WithDefault("10s")
    Duration timeout();
}
