package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The disks under the paths that matter to one database: each disk is judged once, under the first path that is on it. Used by one thread. */
final class DiskExam {
    private final HostDisks disks;
    private final Examination examination;
    private final Set<String> seen = new HashSet<>();

    DiskExam(HostDisks disks, Examination examination) {
        this.disks = disks;
        this.examination = examination;
    }

    /** Judges the disks of the folders that the executor fills itself. */
    void own() {
        disks.folders().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(folder -> look(folder.getKey(), folder.getValue()));
    }

    /**
     * Judges the disk under a path; says nothing of a path that is not on this host or that we may not see.
     *
     * @param purpose what the disk holds, in a word or two
     */
    void look(String purpose, Path path) {
        HostChecks.DISKS.forEach(examination::looked);
        try {
            disks.under(path).filter(disk -> seen.add(disk.identity())).ifPresent(disk -> judge(purpose, path, disk));
        } catch (IOException e) {
            examination.fact("disk of " + purpose, "not readable: " + e.getMessage());
        }
    }

    private void judge(String purpose, Path path, HostDisks.Disk disk) {
        String place = path.toString();
        Map<String, String> labels = Map.of("path", place);
        examination.measure(Measurement.gauge("disk_free", "bytes", disk.free(), labels));
        examination.measure(Measurement.gauge("disk_used", "ratio", disk.usedShare(), labels));
        String room = Unit.BYTES.say(disk.free()) + " are left on the disk of " + place + " (" + purpose + ")";
        examination.judge(
                HostChecks.DISK_USED,
                place,
                disk.usedShare(),
                () -> room + ". Make room or enlarge it before writes fail.");
        examination.judge(
                HostChecks.DISK_FREE, place, disk.free(), () -> room + ". Make room or enlarge it before writes fail.");
        disk.usedInodes().ifPresent(share -> {
            examination.measure(Measurement.gauge("disk_inodes_used", "ratio", share, labels));
            examination.judge(
                    HostChecks.INODES_USED,
                    place,
                    share,
                    () -> "The disk of " + place + " (" + purpose
                            + ") runs out of inodes: remove small files, or make the"
                            + " file system anew with more of them. No file can be made without one.");
        });
        disk.fullIn().map(Duration::toSeconds).ifPresent(seconds -> {
            examination.measure(Measurement.gauge("disk_full_in", "seconds", (double) seconds, labels));
            examination.judge(
                    HostChecks.DISK_FULL_IN,
                    place,
                    (double) seconds,
                    () -> room
                            + ", and it goes on filling as within the last day. Find out what writes, and make room.");
        });
    }
}
