package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Lists the backups of a database, newest first, and finds what is wrong with them as a whole: late, small, unproven, damaged.
 *
 * @param interval how often one should be taken: the newest verified one is late at 1.25 times that, and critical at twice; not
 *     looked at if absent
 * @param drillWithin how old the last drill may be, critical at twice that; not looked at if absent
 */
public record ListBackups(Optional<Duration> interval, Optional<Duration> drillWithin) implements Task {
    public ListBackups {
        interval.ifPresent(time -> Check.positive("interval", time));
        drillWithin.ifPresent(time -> Check.positive("drillWithin", time));
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** The newest 200; {@code count} is of all. */
    public record Report(int count, int verified, long bytes, List<Entry> backups) {}

    /**
     * One backup.
     *
     * @param took how long it was written
     * @param problem what was wrong when it was looked at last
     */
    public record Entry(
            String name,
            Method method,
            State state,
            Instant takenAt,
            long bytes,
            Duration took,
            Optional<Instant> verifiedAt,
            Optional<Instant> provenAt,
            Optional<String> problem) {}
}
