package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.task.Backup.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Restores a backup: into a new database or file by default; over the original only when told so, after a safety backup.
 *
 * @param backup this one; the newest verified one if absent
 * @param method only backups by this method
 * @param into the new database's or file's name; generated if absent. Never a path
 * @param overOriginal put it in the place of the live database
 * @param jobs load by so many parallel sessions; into a new database, from a backup that was taken with jobs or globals
 * @param globals first make the roles of the backup that the server lacks; roles that it has are left as they are
 * @param until replay the write-ahead log up to this point; physical backups of PostgreSQL only
 */
public record Restore(
        Optional<String> backup,
        Optional<Method> method,
        Optional<String> into,
        boolean overOriginal,
        Optional<PointInTime> until,
        Optional<Integer> jobs,
        boolean globals)
        implements Task {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,54}");

    /** A point up to which the write-ahead log is replayed: exactly one of the three. */
    public record PointInTime(Optional<Instant> time, Optional<String> lsn, Optional<String> name) {
        private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
        private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._ -]{0,62}");

        public PointInTime {
            long given = List.of(time.isPresent(), lsn.isPresent(), name.isPresent()).stream()
                    .filter(present -> present)
                    .count();
            if (given != 1) {
                throw new InvalidValue("until", given + " of time, lsn and name", "must be exactly one");
            }
            lsn.ifPresent(text -> Check.text("lsn", text, LSN, "must be like 0/16B3748"));
            name.ifPresent(text -> Check.text("name", text, LABEL, "must be a restore point's name"));
        }
    }

    public Restore {
        BackupReference.check(backup);
        jobs.ifPresent(count -> Check.between("jobs", count, 1, 32));
        if (overOriginal && jobs.isPresent()) {
            throw new InvalidValue(
                    "jobs",
                    jobs.get().toString(),
                    "cannot be given together with overOriginal, which is one transaction");
        }
        into.ifPresent(name -> Check.text(
                "into",
                name,
                NAME,
                "must be 1 to 55 lower-case letters, digits or underscores, starting with a letter"));
        if (overOriginal && backup.isEmpty()) {
            // the newest one would be, at a second try, the safety backup that the first try took
            throw new InvalidValue("backup", "absent", "must be named when it goes over the original");
        }
        if (overOriginal && into.isPresent()) {
            throw new InvalidValue("into", into.get(), "cannot be given together with overOriginal");
        }
        if (overOriginal && until.isPresent()) {
            throw new InvalidValue("until", "a point in time", "cannot be given together with overOriginal");
        }
    }

    /** One that is neither parallel nor makes roles. */
    public Restore(
            Optional<String> backup,
            Optional<Method> method,
            Optional<String> into,
            boolean overOriginal,
            Optional<PointInTime> until) {
        this(backup, method, into, overOriginal, until, Optional.empty(), false);
    }

    @Override
    public Effect effect() {
        if (overOriginal) {
            return Effect.DESTRUCTIVE;
        }
        return globals ? Effect.MUTATING : Effect.READ_ONLY;
    }

    @Override
    public boolean writes() {
        return true;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    /**
     * What was restored, or with a dry run what would be.
     *
     * @param target the database or file that it is in now
     * @param safetyBackup the backup of the original that was taken first
     * @param preflight what was looked at before the beginning
     */
    public record Report(
            String backup,
            String target,
            Optional<String> safetyBackup,
            Duration took,
            long tables,
            long rows,
            List<String> preflight) {}
}
