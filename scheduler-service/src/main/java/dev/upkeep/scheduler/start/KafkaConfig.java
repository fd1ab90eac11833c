package dev.upkeep.scheduler.start;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;

/** How to reach Kafka. */
@ConfigMapping(prefix = "upkeep.kafka")
interface KafkaConfig {
    /** {@code host:port} of brokers, comma-separated. */
    @WithDefault("localhost:9092")
    String bootstrap();

    /** What the names of all topics begin with. */
    @WithDefault("upkeep.")
    String topicPrefix();

    /** Any setting of the Kafka clients, such as {@code "security.protocol"}; wins over Upkeep's own. */
    Map<String, String> client();
}
