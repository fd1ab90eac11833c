package dev.upkeep.common.task;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.task.Backup.State;
import java.util.List;
import java.util.Optional;

/**
 * Reads backups back from their store: size, checksum, and the engine's own check of the content. One that fails loses its
 * state and no longer counts as verified.
 *
 * @param backup this one; the newest if absent
 * @param all all that are listed instead
 */
public record VerifyBackup(Optional<String> backup, boolean all) implements Task {
    public VerifyBackup {
        BackupReference.check(backup);
        if (all && backup.isPresent()) {
            throw new InvalidValue("backup", backup.get(), "cannot be given together with all");
        }
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was read back, or with a dry run what would be. */
    public record Report(int whole, int damaged, List<Checked> backups) {}

    /** One backup; {@code problem} says what is wrong with it. */
    public record Checked(String name, State state, Optional<String> problem) {}
}
