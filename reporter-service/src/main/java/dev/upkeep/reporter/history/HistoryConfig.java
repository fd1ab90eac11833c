package dev.upkeep.reporter.history;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where the history is kept, and for how long. */
@ConfigMapping(prefix = "upkeep.history")
public interface HistoryConfig {
    /** {@code jdbc:sqlite:<file>} for one replica, {@code jdbc:postgresql://host/database} for several. */
    @WithDefault("jdbc:sqlite:upkeep-history.db")
    String url();

    /** The user of a PostgreSQL history. */
    Optional<String> user();

    /** A file with that user's password; the first line counts. */
    Optional<Path> passwordFile();

    /** How long results, ended findings, runs, dead letters and resolved alerts are kept. */
    @WithDefault("90d")
    Duration keep();

    /** How long the samples behind trends are kept. */
    @WithDefault("400d")
    Duration keepSamples();
}
