package dev.upkeep.reporter.notify;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.trust.Trust;
import dev.upkeep.common.wire.Wire;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts alerts as JSON: {@code {"alerts": [...]}}. The header {@code Upkeep-Delivery} is the same when a post is repeated;
 * {@code Upkeep-Signature} is {@code t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">}.
 */
@Singleton
class Webhook implements WayOut {
    private static final String SECRET = "upkeep.alerts.webhook.secret-file";

    private final Optional<URI> url;
    private final Optional<byte[]> secret;
    private final Clock clock;
    private final HttpPost post;

    /** The body of a post. */
    record Body(List<Alert> alerts) {}

    @Inject
    Webhook(WebhookConfig config, Clock clock) {
        this(config.url(), config.secretFile().map(Webhook::secret), config.timeout(), clock);
    }

    Webhook(Optional<URI> url, Optional<byte[]> secret, Duration timeout, Clock clock) {
        this.url = url;
        this.secret = secret;
        this.clock = clock;
        this.post = new HttpPost("the webhook", timeout);
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public boolean isOn() {
        return url.isPresent();
    }

    @Override
    public boolean wantsReminders() {
        return true;
    }

    @Override
    public void tell(List<Notice> notices) throws IOException, InterruptedException {
        byte[] body = Wire.write(new Body(notices.stream().map(Notice::alert).toList()));
        HttpRequest.Builder request = post.request(url.orElseThrow(), body)
                .header("User-Agent", "upkeep-reporter")
                .header(
                        "Upkeep-Delivery",
                        notices.get(0).id() + "-"
                                + notices.get(notices.size() - 1).id());
        secret.ifPresent(key -> request.header("Upkeep-Signature", signature(key, body)));
        post.send(request.build());
    }

    private String signature(byte[] key, byte[] body) {
        long time = clock.instant().getEpochSecond();
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
            return "t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static byte[] secret(Path file) {
        Trust.demandSecret(SECRET, file);
        try {
            return Files.readAllLines(file).stream()
                    .findFirst()
                    .filter(line -> !line.isBlank())
                    .orElseThrow(() -> new InvalidValue(SECRET, file.toString(), "must hold a secret"))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidValue(SECRET, file.toString(), "cannot be read: " + e);
        }
    }
}
