package dev.upkeep.reporter.api;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Who may read. */
@ConfigMapping(prefix = "upkeep.api")
public interface ApiConfig {
    /**
     * A file with the tokens, one a line after its role, one of which every request must bring as
     * {@code Authorization: Bearer <token>}, health checks excepted. Without it the service listens on loopback addresses only.
     */
    Optional<Path> tokenFile();
}
