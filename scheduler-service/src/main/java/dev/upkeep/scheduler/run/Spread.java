package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.DatabaseId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The fixed moment of each database within a policy's spread: the same at every firing, in every release. */
final class Spread {
    private Spread() {}

    static Duration offset(RunPlan plan, DatabaseId database) {
        Optional<Duration> spread = plan.spread();
        if (spread.isEmpty() || spread.get().toSeconds() == 0) {
            return Duration.ZERO;
        }
        String seed = plan.policy().map(name -> name.text() + "/").orElse("") + database.text();
        CRC32C crc = new CRC32C();
        crc.update(seed.getBytes(StandardCharsets.UTF_8));
        return Duration.ofSeconds(crc.getValue() % spread.get().toSeconds());
    }
}
