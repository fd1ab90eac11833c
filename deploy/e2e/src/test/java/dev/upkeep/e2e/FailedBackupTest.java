package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.local.outside.Alertmanager;
import dev.upkeep.local.outside.Listener;
import dev.upkeep.local.outside.SmtpSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An executor's backup that really fails, and the alert about it at every way out of a reporter: the topic, a real Alertmanager, a
 * webhook and a mail server. Meanwhile the system's own reporter rests, so that only one tells.
 */
class FailedBackupTest {
    private static final String SECRET = "a secret of the webhook";

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final Listener webhook = new Listener();
    private final SmtpSink mails = new SmtpSink();
    private final Alertmanager alertmanager = Alertmanager.start(WholeSystem.home());

    @TempDir
    Path folder;

    private OwnReporter reporter;

    @BeforeEach
    void startReporter() throws Exception {
        whole.system().services().reporter().kill();
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        reporter = OwnReporter.start(
                "telling",
                folder,
                Map.ofEntries(
                        Map.entry(
                                "upkeep.kafka.bootstrap", whole.system().kafka().bootstrap()),
                        Map.entry("upkeep.history.url", "jdbc:sqlite:" + folder.resolve("history.db")),
                        Map.entry("upkeep.alerts.every", "1s"),
                        Map.entry(
                                "upkeep.alerts.webhook.url",
                                webhook.url("/alerts").toString()),
                        Map.entry("upkeep.alerts.webhook.secret-file", secret.toString()),
                        Map.entry("upkeep.alerts.alertmanager.url", alertmanager.url()),
                        Map.entry("upkeep.alerts.mail.to", "ops@example.org"),
                        Map.entry("upkeep.alerts.mail.digest", "100ms"),
                        Map.entry("quarkus.mailer.port", Integer.toString(mails.port()))));
    }

    @AfterEach
    void stop() {
        reporter.close();
        alertmanager.close();
        mails.close();
        webhook.close();
        whole.system().services().reporter().start();
    }

    @Test
    void isToldOnceByEveryWayOutAndResolvedOnceAfterTheMend() throws Exception {
        try (BrokenBackups broken = BrokenBackups.of(whole.system().backups().resolve("audit"))) {
            assertThat(backUp()).isEqualTo(Outcome.FAILED);

            await().atMost(WholeSystem.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(alertmanager.firing("audit")).containsExactly("task-failed"));
            await().atMost(WholeSystem.PATIENCE)
                    .untilAsserted(() -> assertThat(told("firing")).containsExactly(1L, 1L, 1L));
            assertThat(broken.folder()).exists();
        }

        assertThat(backUp()).isEqualTo(Outcome.SUCCEEDED);

        await().atMost(WholeSystem.PATIENCE)
                .untilAsserted(() -> assertThat(alertmanager.firing("audit")).isEmpty());
        await().atMost(WholeSystem.PATIENCE)
                .untilAsserted(() -> assertThat(told("resolved")).containsExactly(1L, 1L, 1L));
        assertThat(told("firing")).containsExactly(1L, 1L, 1L);
        assertThat(bus.alerts("audit"))
                .extracting(Alert::rule, Alert::status)
                .containsExactly(
                        tuple("task-failed", Alert.Status.FIRING), tuple("task-failed", Alert.Status.RESOLVED));
        assertThat(webhook.posts()).allMatch(post -> isSigned(post));
    }

    /** How often the topic, the webhook and the mails said so; a mail may tell of other alerts as well. */
    private List<Long> told(String status) {
        return List.of(
                bus.alerts("audit").stream()
                        .filter(alert -> EnumText.of(alert.status()).equals(status))
                        .count(),
                webhook.posts().stream()
                        .filter(post -> post.body().contains("backup of audit")
                                && post.body().contains("\"status\":\"" + status + "\""))
                        .count(),
                mails.mails().stream()
                        .filter(mail -> mail.contains("[Upkeep critical " + status + "] backup of audit failed"))
                        .count());
    }

    private static boolean isSigned(Listener.Post post) {
        try {
            String time = post.signature().replaceAll("t=(\\d+),v1=.*", "$1");
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] sum = mac.doFinal((time + "." + post.body()).getBytes(StandardCharsets.UTF_8));
            return post.signature().equals("t=" + time + ",v1=" + HexFormat.of().formatHex(sum));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Orders a backup of the database and waits for its end. */
    private Outcome backUp() throws Exception {
        String id = "backup-" + UUID.randomUUID();
        bus.publish(
                "{\"id\": \"" + id
                        + "\", \"select\": {\"databases\": [\"audit\"]}, \"tasks\": [{\"type\": \"backup\"}], \"finishWithin\": \"20s\"}");
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(id).isPresent());
        return bus.results(id).get(0).outcome();
    }
}
