package dev.upkeep.executor.wiring;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this executor will ever accept, whatever the bus says. */
@ConfigMapping(prefix = "upkeep.guardrails")
public interface GuardrailsConfig {
    /** Only these tasks; all if absent. */
    Optional<List<String>> allowedTasks();

    /** Never these tasks. */
    Optional<List<String>> deniedTasks();

    /** Patterns of the tables that destructive tasks may name, such as {@code audit.*}; none if absent. */
    Optional<List<String>> tables();

    /** No task may remove data younger than this; 1d if absent. */
    Optional<String> leastKeep();

    /** Further limits by database, over those above. */
    Map<String, Of> databases();

    /** While this file exists, nothing that changes a database begins; {@code STOP} in the data folder if absent. */
    Optional<Path> stopFile();

    /** Whether only commands signed with one of the keys are taken. */
    @WithDefault("false")
    boolean requireSignature();

    /** Files of Ed25519 public keys in PEM form, by key id. */
    Map<String, Path> keys();

    /** Limits of one database. */
    interface Of {
        /** Only these tasks. */
        Optional<List<String>> allowedTasks();

        /** Never these tasks, besides those denied for all. */
        Optional<List<String>> deniedTasks();

        /** Patterns of the tables that destructive tasks may name. */
        Optional<List<String>> tables();

        /** No task may remove data younger than this. */
        Optional<String> leastKeep();
    }
}
