package dev.upkeep.scheduler.start;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** The key by which commands are signed; both keys or neither. */
@ConfigMapping(prefix = "upkeep.signing")
interface SigningConfig {
    /** An Ed25519 private key in PEM form, as {@code openssl genpkey -algorithm ed25519} writes it; readable by its owner only. */
    Optional<Path> keyFile();

    /** The name by which executors know the public key, as in their {@code upkeep.guardrails.signing-keys}. */
    Optional<String> keyId();
}
