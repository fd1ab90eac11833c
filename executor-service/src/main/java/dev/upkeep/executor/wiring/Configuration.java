package dev.upkeep.executor.wiring;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.trust.PublicKeys;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.run.Limits;
import dev.upkeep.executor.run.RetryPolicy;
import dev.upkeep.executor.run.RunSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes the executor's settings of its configuration; refuses bad values with key, value and rule. */
final class Configuration {
    private static final String GUARDRAILS = "upkeep.guardrails.";
    private static final Duration TOPIC_RETENTION = Duration.ofDays(7);

    private Configuration() {}

    static ExecutorSettings settings(ExecutorConfig config, KafkaConfig kafka, String version) {
        ExecutorId id = id(config);
        Duration keep = duration("upkeep.executor.remember", config.remember());
        if (keep.compareTo(TOPIC_RETENTION) < 0) {
            throw new InvalidValue(
                    "upkeep.executor.remember",
                    config.remember(),
                    "must be at least 7d, as the commands topic keeps them so long");
        }
        return new ExecutorSettings(
                id,
                version,
                config.data(),
                new KafkaSettings(
                        kafka.bootstrap(), new Topics(kafka.topicPrefix()), "upkeep-executor-" + id, kafka.client()),
                new ExecutorSettings.Times(config.heartbeat(), config.probe(), keep),
                new RunSettings(
                        new Limits(
                                config.heavyLimit(),
                                config.lightLimit(),
                                config.waitingLimit(),
                                config.shutdownGrace()),
                        new RetryPolicy(
                                config.retry().attempts(),
                                config.retry().first(),
                                config.retry().longest())));
    }

    static ExecutorId id(ExecutorConfig config) {
        if (config.id().isPresent()) {
            return new ExecutorId(config.id().get());
        }
        try {
            return new ExecutorId(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            throw new InvalidValue("upkeep.executor.id", "absent", "is required, as this host has no name");
        }
    }

    static Guardrails guardrails(GuardrailsConfig config, Path data) {
        Map<DatabaseId, Rules> databases = new TreeMap<>();
        config.databases()
                .forEach((id, of) -> databases.put(
                        new DatabaseId(id), rules(of.allowedTasks(), of.deniedTasks(), of.tables(), of.leastKeep())));
        return new Guardrails(
                rules(config.allowedTasks(), config.deniedTasks(), config.tables(), config.leastKeep()),
                databases,
                config.stopFile().orElse(data.resolve("STOP")).toAbsolutePath(),
                config.requireSignature());
    }

    private static Rules rules(
            Optional<List<String>> allowed,
            Optional<List<String>> denied,
            Optional<List<String>> tables,
            Optional<String> leastKeep) {
        return new Rules(
                allowed,
                denied.orElse(List.of()),
                tables.map(patterns -> patterns.stream().map(Glob::new).toList()),
                leastKeep.map(text -> duration(GUARDRAILS + "least-keep", text)));
    }

    private static Duration duration(String key, String text) {
        try {
            return Durations.parse(text);
        } catch (InvalidValue e) {
            throw new InvalidValue(key, text, "must be a duration such as 30d or PT12H");
        }
    }

    static Optional<Verifier> verifier(GuardrailsConfig config) {
        if (!config.requireSignature()) {
            return Optional.empty();
        }
        if (config.keys().isEmpty()) {
            throw new InvalidValue(
                    GUARDRAILS + "keys", "absent", "must name at least one when signatures are required");
        }
        return Optional.of(new Verifier(PublicKeys.read(GUARDRAILS + "keys", config.keys())));
    }
}
