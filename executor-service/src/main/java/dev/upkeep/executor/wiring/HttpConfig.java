package dev.upkeep.executor.wiring;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Who may see metrics and health. */
@ConfigMapping(prefix = "upkeep.http")
public interface HttpConfig {
    /** A file with the tokens, one a line after its role, one of which callers must bring; required when the port listens beyond loopback. */
    Optional<Path> tokenFile();
}
