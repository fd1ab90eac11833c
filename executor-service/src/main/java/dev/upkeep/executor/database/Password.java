package dev.upkeep.executor.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Where a password comes from; looked up at every connect, so that a rotated secret is picked up, and never shown. */
final class Password {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private Password() {}

    static Supplier<Optional<String>> inFile(Path file) {
        return () -> Optional.of(read(file));
    }

    static Supplier<Optional<String>> inEnvironment(String variable) {
        return () -> Optional.of(Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> new NoPassword(
                        "the environment variable " + variable + ", which should hold a password, is not set")));
    }

    private static String read(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OTHERS::contains)) {
                throw new NoPassword("the password file " + file + " can be read or written by others; chmod 600 it");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new NoPassword("the password file " + file + " cannot be read: " + e);
        }
    }
}
