package dev.upkeep.reporter.notify;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Alerts by mail; the server is set by {@code quarkus.mailer.host}, {@code .port}, {@code .username}, {@code .start-tls}. */
@ConfigMapping(prefix = "upkeep.alerts.mail")
public interface MailConfig {
    /** Who gets them; no mail if absent. */
    Optional<List<String>> to();

    /** Who they come from. */
    @WithDefault("upkeep@localhost")
    String from();

    /** How long to gather alerts into one mail; {@code 24h} makes a daily digest. */
    @WithDefault("30s")
    Duration digest();
}
