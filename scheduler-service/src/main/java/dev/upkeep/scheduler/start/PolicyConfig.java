package dev.upkeep.scheduler.start;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Where the policies are. */
@ConfigMapping(prefix = "upkeep.policies")
interface PolicyConfig {
    /** The folder with the policy files. */
    @WithDefault("policies")
    Path directory();

    /** How often to look for changed files. */
    @WithDefault("2s")
    Duration reload();
}
