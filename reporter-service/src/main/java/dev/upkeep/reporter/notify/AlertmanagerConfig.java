package dev.upkeep.reporter.notify;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** A Prometheus Alertmanager that alerts are handed to. */
@ConfigMapping(prefix = "upkeep.alerts.alertmanager")
public interface AlertmanagerConfig {
    /** Its address, such as {@code http://127.0.0.1:9093}; none if absent. */
    Optional<URI> url();

    /** How often all that fires is told anew: an Alertmanager forgets what it knew when it restarts. */
    @WithDefault("1m")
    Duration refresh();

    /** How long one post may take. */
    @WithDefault("10s")
    Duration timeout();
}
