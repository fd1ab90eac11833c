package dev.upkeep.executor.operation;

import dev.upkeep.common.id.DatabaseId;
import java.time.Instant;
import java.util.Optional;

/** Says which backups can be relied on, to those who must not remove data without one. Thread-safe. */
public interface VerifiedBackups {
    /** When the newest backup of this database that was read back and found whole was taken; empty if there is none. */
    Optional<Instant> newest(DatabaseId database);
}
