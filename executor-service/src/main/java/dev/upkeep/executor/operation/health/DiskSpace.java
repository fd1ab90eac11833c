package dev.upkeep.executor.operation.health;

import dev.upkeep.common.result.Measurement;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** How full the disk is that holds a path of this host. */
final class DiskSpace {
    private DiskSpace() {}

    /**
     * Judges the disk under a path; says nothing of a path that is not on this host or that we may not see.
     *
     * @param purpose what the disk holds, in a word: {@code data}, {@code wal}
     */
    static void look(CheckRule rule, String purpose, Path path, Examination examination) {
        examination.looked(rule);
        Path there = path;
        try {
            while (!Files.exists(there)) {
                Path parent = there.getParent();
                if (parent == null || parent.equals(parent.getRoot())) {
                    return;
                }
                there = parent;
            }
            FileStore store = Files.getFileStore(there);
            double total = store.getTotalSpace();
            double free = store.getUsableSpace();
            if (total <= 0) {
                return;
            }
            Map<String, String> labels = Map.of("holds", purpose);
            examination.measure(Measurement.gauge("disk_free", "bytes", free, labels));
            examination.measure(Measurement.gauge("disk_used", "ratio", 1 - free / total, labels));
            examination.judge(
                    rule,
                    path.toString(),
                    1 - free / total,
                    () -> Unit.BYTES.say(free) + " are left on the disk of " + path
                            + ". Make room or enlarge it before writes fail.");
        } catch (IOException e) {
            examination.fact("disk of " + purpose, "not readable: " + e.getMessage());
        }
    }
}
