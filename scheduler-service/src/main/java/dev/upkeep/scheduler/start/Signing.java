package dev.upkeep.scheduler.start;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.sign.PemKeys;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.trust.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the signing key; refuses one that others than its owner can read, and half a configuration. */
final class Signing {
    private static final String KEY = "upkeep.signing.key-file";

    private Signing() {}

    static Optional<Signer> signer(Optional<Path> file, Optional<String> id) {
        if (file.isPresent() != id.isPresent()) {
            throw new InvalidValue(
                    "upkeep.signing",
                    file.isPresent() ? "key-file alone" : "key-id alone",
                    "needs key-file and key-id");
        }
        return file.map(path -> new Signer(id.orElseThrow(), PemKeys.privateKey(content(path))));
    }

    private static String content(Path file) {
        Trust.demandSecret(KEY, file);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidValue(KEY, file.toString(), "cannot be read: " + e.getMessage());
        }
    }
}
