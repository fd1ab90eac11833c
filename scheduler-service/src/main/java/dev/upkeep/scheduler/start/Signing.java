package dev.upkeep.scheduler.start;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.sign.PemKeys;
import dev.upkeep.common.sign.Signer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Reads the signing key; refuses one that others than its owner can read, and half a configuration. */
final class Signing {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

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
        try {
            if (Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).stream()
                    .anyMatch(OTHERS::contains)) {
                throw new InvalidValue(
                        "upkeep.signing.key-file", file.toString(), "must be readable by its owner only: chmod 600");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidValue("upkeep.signing.key-file", file.toString(), "cannot be read: " + e.getMessage());
        }
    }
}
