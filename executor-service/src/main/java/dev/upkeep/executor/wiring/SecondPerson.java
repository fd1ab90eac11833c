package dev.upkeep.executor.wiring;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.trust.PublicKeys;
import dev.upkeep.executor.operation.purge.PurgeConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Map;

/** Sees to it that who signs commands cannot also override their limits: a key that may do both stops the start. */
@ApplicationScoped
class SecondPerson {
    private static final String OVERRIDES = "upkeep.purge.override-keys";

    void check(@Observes StartupEvent event, GuardrailsConfig guardrails, PurgeConfig purge) {
        check(guardrails.keys(), purge.overrideKeys());
    }

    /** @throws InvalidValue naming the first override key that signs commands as well */
    static void check(Map<String, Path> commandKeys, Map<String, Path> overrideKeys) {
        Collection<PublicKey> commands =
                PublicKeys.read("upkeep.guardrails.keys", commandKeys).values();
        PublicKeys.read(OVERRIDES, overrideKeys).forEach((id, key) -> {
            if (commands.contains(key)) {
                throw new InvalidValue(
                        OVERRIDES + "." + id,
                        String.valueOf(overrideKeys.get(id)),
                        "must not be a key of upkeep.guardrails.keys too: an override is the word of a second person");
            }
        });
    }
}
