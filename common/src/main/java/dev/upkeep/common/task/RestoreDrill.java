package dev.upkeep.common.task;

import dev.upkeep.common.task.Backup.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Restores a backup on a spare place that is thrown away afterwards, compares the copy with what the backup had, and calls the
 * backup proven if they are equal. The live database is not touched.
 *
 * @param backup this one; the newest verified one if absent
 * @param method only backups by this method
 */
public record RestoreDrill(Optional<String> backup, Optional<Method> method) implements Task {
    public RestoreDrill {
        BackupReference.check(backup);
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
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
        return true;
    }

    /**
     * How it went.
     *
     * @param restoreTook until the copy could be used: what a real restore takes at the least
     * @param differences between backup and copy, at most 20; none means proven
     */
    public record Report(
            String backup,
            boolean proven,
            Duration restoreTook,
            Duration compareTook,
            long tables,
            long rows,
            List<String> differences) {}
}
