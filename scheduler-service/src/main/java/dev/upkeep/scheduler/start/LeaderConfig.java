package dev.upkeep.scheduler.start;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How replicas agree on a leader, and what they keep in memory. */
@ConfigMapping(prefix = "upkeep.scheduler")
interface LeaderConfig {
    /** The name of this replica, unlike that of any other; host name and port if absent. */
    Optional<String> replica();

    /** A leader that Kafka has not heard of for so long is replaced; at least the broker's least, 6 s by default. */
    @WithDefault("6s")
    Duration sessionTimeout();

    /** A result may come so long after its command had to end before the database counts as offline. */
    @WithDefault("1m")
    Duration grace();

    /** Ended runs can be asked for during this time; those of requests, whose ids must be known again, for at least 8 days. */
    @WithDefault("3d")
    Duration remember();

    /** Databases of ended runs of which the outcome is kept in memory; the history is the reporter's matter. */
    @WithDefault("100000")
    int details();
}
