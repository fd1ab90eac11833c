package dev.upkeep.reporter;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.local.outside.Alertmanager;
import dev.upkeep.local.outside.Listener;
import dev.upkeep.local.outside.SmtpSink;
import dev.upkeep.local.server.Scratch;
import dev.upkeep.local.server.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** A broker with topics of its own, a folder for the history, and somebody who listens to the webhook. */
public final class ReporterServers implements QuarkusTestResourceLifecycleManager {
    private static final String PREFIX = "upkeep.test.reporter.prefix";
    private static Listener listener;
    private static SmtpSink mails;
    private static Alertmanager alertmanager;
    private final Scratch scratch = Scratch.of("reporter-test");

    static KafkaSettings settings() {
        return new KafkaSettings(
                TestServers.bootstrapServers(), new Topics(System.getProperty(PREFIX)), "reporter-test", Map.of());
    }

    static Listener webhook() {
        return listener;
    }

    static Alertmanager alertmanager() {
        return alertmanager;
    }

    static SmtpSink mails() {
        return mails;
    }

    @Override
    public Map<String, String> start() {
        String prefix = TestServers.unique("reporter") + ".";
        System.setProperty(PREFIX, prefix);
        listener = new Listener();
        mails = new SmtpSink();
        alertmanager = Alertmanager.start(Path.of(".."));
        KafkaSettings settings = settings();
        try (Admin admin = Admin.create(settings.admin())) {
            new TopicSetup(admin, settings.topics()).create(2, Optional.empty());
        }
        return Map.ofEntries(
                Map.entry("upkeep.kafka.bootstrap", TestServers.bootstrapServers()),
                Map.entry("upkeep.kafka.topic-prefix", prefix),
                Map.entry("upkeep.history.url", "jdbc:sqlite:" + scratch.path().resolve("history.db")),
                Map.entry("upkeep.alerts.every", "1s"),
                Map.entry("upkeep.alerts.webhook.url", listener.url("/alerts").toString()),
                Map.entry("upkeep.alerts.alertmanager.url", alertmanager.url()),
                Map.entry("upkeep.alerts.mail.to", "ops@example.org"),
                Map.entry("upkeep.alerts.mail.digest", "100ms"),
                Map.entry("quarkus.mailer.mock", "false"),
                Map.entry("quarkus.mailer.port", Integer.toString(mails.port())));
    }

    @Override
    public void stop() {
        listener.close();
        mails.close();
        alertmanager.close();
        scratch.close();
    }
}
