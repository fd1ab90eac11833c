package dev.upkeep.reporter.kafka;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;

/** How to reach Kafka. */
@ConfigMapping(prefix = "upkeep.kafka")
public interface KafkaConfig {
    /** {@code host:port}, comma-separated. */
    @WithDefault("127.0.0.1:9092")
    String bootstrap();

    /** What every topic's name begins with. */
    @WithDefault("upkeep.")
    String topicPrefix();

    /** Any setting of the Kafka clients, such as {@code "security.protocol"}; wins over our own. */
    Map<String, String> client();
}
