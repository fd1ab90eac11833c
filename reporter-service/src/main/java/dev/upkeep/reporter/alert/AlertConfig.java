package dev.upkeep.reporter.alert;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How alerts are made. Where they go is set under the same prefix by each way out. */
@ConfigMapping(prefix = "upkeep.alerts")
public interface AlertConfig {
    /** A YAML file of rules that replaces the built-in ones. */
    Optional<Path> rulesFile();

    /** The longest time between two looks at the rules; there is one after each batch of results as well. */
    @WithDefault("15s")
    Duration every();

    /** How often people are reminded of a firing alert by webhook and mail; the topic is never told twice. */
    @WithDefault("4h")
    Duration repeat();

    /** What the name of a rule is appended to, to give the address of its runbook. */
    @WithDefault("docs/alerts.md#")
    String runbooks();
}
