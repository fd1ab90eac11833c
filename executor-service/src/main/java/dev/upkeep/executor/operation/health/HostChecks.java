package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.CheckRule.Side.BELOW;
import static dev.upkeep.executor.operation.health.Unit.BYTES;
import static dev.upkeep.executor.operation.health.Unit.COUNT;
import static dev.upkeep.executor.operation.health.Unit.RATIO;
import static dev.upkeep.executor.operation.health.Unit.SECONDS;

import java.util.List;

/** The checks of the host and of the backups, which are the same for both engines. */
final class HostChecks {
    private static final double HOUR = 3_600;
    private static final double DAY = 24 * HOUR;

    static final CheckRule BACKUP_AGE = CheckRule.above(
            "backup-age", SECONDS, 30 * HOUR, 48 * HOUR, "since the last verified backup in this executor's store");
    static final CheckRule BACKUP_SIZE = CheckRule.below(
            "backup-size", RATIO, 0.7, 0.5, "the newest verified backup as a share of the median of those before it");
    static final CheckRule BACKUP_COUNT = CheckRule.informing(
            "backup-count", COUNT, BELOW, "verified backups that are kept in this executor's store");
    static final CheckRule BACKUP_DRILL =
            CheckRule.above("backup-drill", SECONDS, 7 * DAY, 14 * DAY, "since a backup was last restored as a drill");
    static final CheckRule DISK_USED = CheckRule.above(
            "disk-used", RATIO, 0.80, 0.90, "used share of a disk: of the data, WAL, tablespaces, backups, archives");
    static final CheckRule DISK_FREE = CheckRule.informing("disk-free", BYTES, BELOW, "free space on such a disk");
    static final CheckRule DISK_FULL_IN = CheckRule.below(
            "disk-full-in", SECONDS, 7 * DAY, DAY, "until such a disk is full, at its pace within the last day");
    static final CheckRule INODES_USED =
            CheckRule.above("inodes-used", RATIO, 0.80, 0.90, "used share of the inodes of such a disk");

    static final List<CheckRule> BACKUPS = List.of(BACKUP_AGE, BACKUP_SIZE, BACKUP_COUNT, BACKUP_DRILL);
    static final List<CheckRule> DISKS = List.of(DISK_USED, DISK_FREE, DISK_FULL_IN, INODES_USED);

    private HostChecks() {}
}
