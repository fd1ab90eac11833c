package dev.upkeep.cli;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How every sub-command reaches Kafka. */
final class Connection {
    @Option(
            names = "--bootstrap",
            defaultValue = "${UPKEEP_KAFKA_BOOTSTRAP:-127.0.0.1:9092}",
            description = "Kafka brokers, host:port, comma-separated (default: ${DEFAULT-VALUE})")
    String bootstrap = "127.0.0.1:9092";

    @Option(
            names = "--topic-prefix",
            defaultValue = "${UPKEEP_KAFKA_TOPIC_PREFIX:-upkeep.}",
            description = "prefix of the topics' names (default: ${DEFAULT-VALUE})")
    String prefix = "upkeep.";

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description = "properties for the Kafka client, such as security.protocol and sasl.jaas.config")
    @Nullable
    Path file;

    KafkaSettings settings() {
        Map<String, String> further = new HashMap<>();
        if (file != null) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            } catch (IOException e) {
                throw new InvalidValue("--client-config", file.toString(), "cannot be read: " + e.getMessage());
            }
            properties.stringPropertyNames().forEach(name -> further.put(name, properties.getProperty(name)));
        }
        return new KafkaSettings(bootstrap, new Topics(prefix), "upkeep-cli", further);
    }
}
