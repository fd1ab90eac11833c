package dev.upkeep.scheduler.start;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much requests may ask for. */
@ConfigMapping(prefix = "upkeep.requests")
interface RequestConfig {
    /** So many requests may be under way at once; further ones are rejected. */
    @WithDefault("200")
    int mostActive();

    /** One request may mean so many databases. */
    @WithDefault("200000")
    int mostDatabases();

    /** How long the command of a request may wait for its start if the request does not say. */
    @WithDefault("15m")
    Duration startWithin();

    /** How long it may take if the request does not say. */
    @WithDefault("4h")
    Duration finishWithin();
}
