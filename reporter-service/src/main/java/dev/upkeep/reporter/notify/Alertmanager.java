package dev.upkeep.reporter.notify;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Wire;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Hands alerts to an Alertmanager by its API v2. What fires is said to end in an hour, and said again every minute: if the reporter
 * dies, its alerts do not fire for ever.
 */
@Singleton
final class Alertmanager implements WayOut {
    private static final Duration UNLESS_SAID_AGAIN = Duration.ofHours(1);

    private final Optional<URI> url;
    private final Duration refresh;
    private final Clock clock;
    private final HttpPost post;

    /** One alert as the API wants it. */
    record Posted(Map<String, String> labels, Map<String, String> annotations, Instant startsAt, Instant endsAt) {}

    @Inject
    Alertmanager(AlertmanagerConfig config, Clock clock) {
        this(config.url(), config.refresh(), config.timeout(), clock);
    }

    Alertmanager(Optional<URI> url, Duration refresh, Duration timeout, Clock clock) {
        this.url = url.map(base -> URI.create(base.toString().replaceAll("/+$", "") + "/api/v2/alerts"));
        this.refresh = refresh;
        this.clock = clock;
        this.post = new HttpPost("the Alertmanager", timeout);
    }

    @Override
    public String name() {
        return "alertmanager";
    }

    @Override
    public boolean isOn() {
        return url.isPresent();
    }

    @Override
    public boolean wantsReminders() {
        return false;
    }

    @Override
    public Optional<Duration> refresh() {
        return Optional.of(refresh);
    }

    @Override
    public void tell(List<Notice> notices) throws IOException, InterruptedException {
        byte[] body = Wire.write(
                notices.stream().map(notice -> posted(notice.alert())).toList());
        post.send(post.request(url.orElseThrow(), body).build());
    }

    private Posted posted(Alert alert) {
        Map<String, String> labels = new TreeMap<>();
        alert.labels().forEach((key, value) -> labels.put(key.replaceAll("[^A-Za-z0-9_]", "_"), value));
        labels.put("alertname", alert.rule());
        labels.put("severity", EnumText.of(alert.severity()));
        alert.database().ifPresent(database -> labels.put("database", database.text()));
        alert.executor().ifPresent(executor -> labels.put("executor", executor.text()));
        Map<String, String> annotations = new TreeMap<>();
        annotations.put("summary", alert.summary());
        annotations.put("description", alert.description());
        annotations.put("fingerprint", alert.fingerprint());
        alert.runbook().ifPresent(runbook -> annotations.put("runbook_url", runbook));
        return new Posted(
                labels,
                annotations,
                alert.startsAt(),
                alert.endsAt().orElseGet(() -> clock.instant().plus(UNLESS_SAID_AGAIN)));
    }
}
