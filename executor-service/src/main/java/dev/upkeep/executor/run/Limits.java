package dev.upkeep.executor.run;

import dev.upkeep.common.Check;
import java.time.Duration;

/**
 * How much may go on at once on this host.
 *
 * @param heavy heavy commands at a time
 * @param light other commands at a time
 * @param waiting commands that may wait; beyond it no more are taken from the lane
 * @param grace how long a shutdown waits for what is being done
 */
public record Limits(int heavy, int light, int waiting, Duration grace) {
    public Limits {
        Check.between("heavy-limit", heavy, 1, 64);
        Check.between("light-limit", light, 1, 64);
        Check.between("waiting-limit", waiting, 1, 1_000_000);
        Check.positive("shutdown-grace", grace);
    }
}
