package dev.upkeep.executor.wiring;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.sign.PemKeys;
import dev.upkeep.executor.operation.purge.PurgeConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;

/** Sees to it that who signs commands cannot also override their limits: a key that may do both stops the start. */
@ApplicationScoped
class SecondPerson {
    void check(@Observes StartupEvent event, GuardrailsConfig guardrails, PurgeConfig purge) {
        check(guardrails.keys(), purge.overrideKeys());
    }

    /** @throws InvalidValue naming the first override key that signs commands as well */
    static void check(Map<String, Path> commandKeys, Map<String, Path> overrideKeys) {
        List<PublicKey> commands =
                commandKeys.values().stream().map(SecondPerson::key).toList();
        overrideKeys.forEach((id, file) -> {
            if (commands.contains(key(file))) {
                throw new InvalidValue(
                        "upkeep.purge.override-keys." + id,
                        file.toString(),
                        "must not be a key of upkeep.guardrails.keys too: an override is the word of a second person");
            }
        });
    }

    private static PublicKey key(Path file) {
        try {
            return PemKeys.publicKey(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
