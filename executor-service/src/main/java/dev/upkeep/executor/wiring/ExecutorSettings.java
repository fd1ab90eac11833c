package dev.upkeep.executor.wiring;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.executor.run.RunSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What makes one executor.
 *
 * @param data the folder of its journal
 */
public record ExecutorSettings(
        ExecutorId executor, String version, Path data, KafkaSettings kafka, Times times, RunSettings run) {
    /** How often and how long. */
    public record Times(Duration heartbeat, Duration probe, Duration keep) {
        /** What holds when nothing is configured. */
        public static final Times DEFAULT =
                new Times(Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofDays(30));

        public Times {
            Check.positive("heartbeat", heartbeat);
            Check.positive("probe", probe);
            Check.positive("keep", keep);
        }
    }

    public ExecutorSettings {
        data = data.toAbsolutePath().normalize();
    }
}
