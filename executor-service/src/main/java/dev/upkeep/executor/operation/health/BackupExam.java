package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.VerifiedBackups;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The backups of one database in this executor's store. Of a database that it never backed up nothing is judged: others may. */
final class BackupExam {
    private BackupExam() {}

    /** Says whether there is a verified backup at all. */
    static boolean look(VerifiedBackups backups, DatabaseId database, Instant now, Examination examination) {
        HostChecks.BACKUPS.forEach(examination::looked);
        Optional<Instant> newest = backups.newest(database);
        if (newest.isEmpty()) {
            return false;
        }
        double age = seconds(newest.get(), now);
        examination.measure(Measurement.gauge("backup_age", "seconds", age));
        examination.judge(
                HostChecks.BACKUP_AGE,
                "",
                age,
                () -> "Run task backup on database " + database + ", and see why its policy did not.");
        backups.standing(database).ifPresent(standing -> look(standing, database, now, examination));
        return true;
    }

    private static void look(
            VerifiedBackups.Standing standing, DatabaseId database, Instant now, Examination examination) {
        examination.judge(
                HostChecks.BACKUP_COUNT,
                "",
                standing.verified(),
                () -> "Look at what policies keep of the backups of database " + database + ".");
        standing.shareOfMedian()
                .ifPresent(share -> examination.judge(
                        HostChecks.BACKUP_SIZE,
                        "",
                        share,
                        () -> "Look whether tables of database " + database
                                + " are missing or were emptied, before older backups expire."));
        if (standing.lastDrill().isEmpty()) {
            examination.fact("last restore drill", "none of the backups that are kept");
            return;
        }
        examination.judge(
                HostChecks.BACKUP_DRILL,
                "",
                seconds(standing.lastDrill().get(), now),
                () -> "Run task restore-drill on database " + database + ", and see why its policy did not.");
    }

    private static double seconds(Instant then, Instant now) {
        return Math.max(0, Duration.between(then, now).toMillis() / 1000.0);
    }
}
