package dev.upkeep.scheduler.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The REST API. */
@ConfigMapping(prefix = "upkeep.api")
interface ApiConfig {
    /**
     * A file with the tokens that callers send as {@code Authorization: Bearer …}, one a line after its role: viewer, operator or
     * admin. Health checks need none. Without the file the service listens on loopback addresses only.
     */
    Optional<Path> tokenFile();

    /** So many changing calls are taken per minute; further ones are refused with status 429. */
    @WithDefault("600")
    int changesPerMinute();

    /** How long a call that publishes a request waits for the verdict; without one it answers 202. */
    @WithDefault("5s")
    Duration verdictWithin();
}
