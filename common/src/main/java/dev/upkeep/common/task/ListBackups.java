package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Lists the backups of a database, newest first, and finds what is wrong with them as a whole: late, small, unproven, damaged,
 * dated by a wrong clock.
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

    /**
     * The newest 200; {@code count} is of all.
     *
     * @param store where they are kept
     * @param hold who holds the database, why and until when: nothing is removed meanwhile
     */
    public record Report(
            int count, int verified, long bytes, String store, Optional<String> hold, List<Entry> backups) {}

    /**
     * One backup.
     *
     * @param kind only a backup of the same kind can stand in for it: logical, physical or file
     * @param age since it was taken
     * @param bytes of the stored file
     * @param sourceBytes of the database when it was taken
     * @param took how long it was written
     * @param isEncrypted whether a key is needed to read it
     * @param kept why it stays, whatever the rules of an {@code expire-backups} are; empty if that is left to them
     * @param problem what was wrong when it was looked at last
     */
    public record Entry(
            String name,
            Method method,
            String kind,
            State state,
            Instant takenAt,
            Duration age,
            long bytes,
            long sourceBytes,
            Duration took,
            boolean isEncrypted,
            Optional<Instant> verifiedAt,
            Optional<Instant> provenAt,
            List<String> kept,
            Optional<String> problem) {}
}
