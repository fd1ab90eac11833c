package dev.upkeep.reporter.notify;

import static dev.upkeep.reporter.Messages.AT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.Samples;
import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.local.outside.Listener;
import dev.upkeep.reporter.history.History;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourierTest {
    private static final byte[] SECRET = "not a secret".getBytes(StandardCharsets.UTF_8);
    private static final Alert ALERT = (Alert) Samples.messages().get("alert");

    @TempDir
    Path folder;

    private final SteppingClock clock = new SteppingClock(AT);
    private final Listener listener = new Listener();
    private final Listener other = new Listener();
    private History history;
    private Outbox outbox;
    private Courier courier;

    @BeforeEach
    void begin() {
        history = History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
        Webhook webhook =
                new Webhook(Optional.of(listener.url("/hook")), Optional.of(SECRET), Duration.ofSeconds(5), clock);
        outbox = new Outbox(List.of(webhook));
        courier = new Courier(history, webhook, clock);
    }

    @AfterEach
    void end() {
        listener.close();
        other.close();
        history.close();
    }

    @Test
    void postsWhatIsToBeToldOnceAndSigned() throws Exception {
        tell(ALERT);

        int told = courier.round();
        int again = courier.round();

        assertThat(told).isEqualTo(1);
        assertThat(again).isZero();
        Listener.Post post = listener.posts().get(0);
        assertThat(Wire.readTree(post.body().getBytes(StandardCharsets.UTF_8))
                        .at("/alerts/0/fingerprint")
                        .asText())
                .isEqualTo(ALERT.fingerprint());
        assertThat(post.signature())
                .isEqualTo("t=" + AT.getEpochSecond() + ",v1=" + hmac(AT.getEpochSecond() + "." + post.body()));
    }

    @Test
    void keepsWhatIsNotTakenAndTriesAgainWithGrowingPauses() throws Exception {
        listener.answerWith(503);
        tell(ALERT);

        courier.round();
        clock.pass(Duration.ofMillis(1_999));
        int early = courier.round();
        listener.answerWith(204);
        clock.pass(Duration.ofMillis(1));
        int onTime = courier.round();

        assertThat(early).isZero();
        assertThat(onTime).isEqualTo(1);
        assertThat(listener.posts()).hasSize(1);
    }

    @Test
    void pausesDoubleUpToFiveMinutes() {
        assertThat(List.of(1, 2, 3, 8, 9, 1_000).stream().map(Courier::pauseAfter))
                .containsExactly(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(256),
                        Duration.ofSeconds(300),
                        Duration.ofSeconds(300));
    }

    @Test
    void tellsInOrderAfterAFailure() throws Exception {
        listener.answerWith(500);
        tell(ALERT);
        courier.round();
        tell(ALERT);

        listener.answerWith(200);
        int whilePaused = courier.round();
        clock.pass(Duration.ofSeconds(2));
        int together = courier.round();

        assertThat(whilePaused).isZero();
        assertThat(together).isEqualTo(2);
    }

    @Test
    void aDeadWayOutDelaysNoOther() throws Exception {
        Webhook second = new Webhook(Optional.of(other.url("/")), Optional.empty(), Duration.ofSeconds(5), clock) {
            @Override
            public String name() {
                return "second";
            }
        };
        outbox = new Outbox(List.of(
                second, new Webhook(Optional.of(listener.url("/")), Optional.empty(), Duration.ofSeconds(5), clock)));
        listener.answerWith(500);
        tell(ALERT);

        courier.round();
        new Courier(history, second, clock).round();

        assertThat(other.posts()).hasSize(1);
    }

    @Test
    void whatWasTakenAndNotToldIsTakenAgainAfterAMinute() throws Exception {
        tell(ALERT);
        history.write(session -> Outbox.take(session, "webhook", Duration.ZERO, clock.instant()));

        int tooEarly = courier.round();
        clock.pass(Duration.ofMinutes(1));
        int then = courier.round();

        assertThat(tooEarly).isZero();
        assertThat(then).isEqualTo(1);
    }

    @Test
    void aDigestGathersForItsTimeAndTellsAllTogether() throws Exception {
        Webhook daily = new Webhook(Optional.of(other.url("/")), Optional.empty(), Duration.ofSeconds(5), clock) {
            @Override
            public String name() {
                return "digest";
            }

            @Override
            public Duration gathering() {
                return Duration.ofDays(1);
            }
        };
        outbox = new Outbox(List.of(daily));
        Courier slow = new Courier(history, daily, clock);
        tell(ALERT);
        clock.pass(Duration.ofHours(20));
        tell(ALERT);

        int early = slow.round();
        clock.pass(Duration.ofHours(4));
        int together = slow.round();

        assertThat(early).isZero();
        assertThat(together).isEqualTo(2);
        assertThat(other.posts()).hasSize(1);
    }

    private void tell(Alert alert) {
        history.write(session -> {
            outbox.tell(session, List.of(alert), List.of(), clock.instant());
            return 0;
        });
    }

    private static String hmac(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
