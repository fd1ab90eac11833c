package dev.upkeep.executor.operation.backup;

import java.nio.file.Path;

/** Where one backup is made: scratch files beside it, whose names a later clean-up knows. */
record Workplace(BackupFolder folder, String name) {
    /** A file for a purpose, in lower-case letters; it is removed when the backup is done or found as a leftover. */
    Path scratch(String purpose) {
        return folder.partial(name + "." + purpose);
    }
}
