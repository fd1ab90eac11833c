package dev.upkeep.reporter;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.local.server.TestServers;
import dev.upkeep.reporter.notify.Listener;
import dev.upkeep.reporter.notify.SmtpSink;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** A broker with topics of its own, a folder for the history, and somebody who listens to the webhook. */
public final class ReporterServers implements QuarkusTestResourceLifecycleManager {
    private static final String PREFIX = "upkeep.test.reporter.prefix";
    private static Listener listener;
    private static SmtpSink mails;

    static KafkaSettings settings() {
        return new KafkaSettings(
                TestServers.bootstrapServers(), new Topics(System.getProperty(PREFIX)), "reporter-test", Map.of());
    }

    static Listener webhook() {
        return listener;
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
        KafkaSettings settings = settings();
        try (Admin admin = Admin.create(settings.admin())) {
            new TopicSetup(admin, settings.topics()).create(2, Optional.empty());
        }
        try {
            Path folder = Files.createTempDirectory("upkeep-reporter-test-");
            return Map.of(
                    "upkeep.kafka.bootstrap",
                    TestServers.bootstrapServers(),
                    "upkeep.kafka.topic-prefix",
                    prefix,
                    "upkeep.history.url",
                    "jdbc:sqlite:" + folder.resolve("history.db"),
                    "upkeep.alerts.every",
                    "1s",
                    "upkeep.alerts.webhook.url",
                    listener.url("/alerts").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        listener.close();
        mails.close();
    }
}
