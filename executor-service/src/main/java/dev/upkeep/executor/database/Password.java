package dev.upkeep.executor.database;

import dev.upkeep.common.trust.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Where a password comes from; looked up at every connect, so that a rotated secret is picked up, and never shown. */
final class Password {
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
            Optional<String> problem = Trust.secret(file);
            if (problem.isPresent()) {
                throw new NoPassword("the password file " + problem.get() + "; chmod 600 it");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new NoPassword("the password file " + file + " cannot be read: " + e);
        }
    }
}
