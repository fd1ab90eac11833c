package dev.upkeep.executor.operation;

import dev.upkeep.common.id.DatabaseId;
import java.time.Instant;
import java.util.Optional;

/** Says which backups can be relied on, to those who must not remove data without one. Thread-safe. */
public interface VerifiedBackups {
    /** When the newest backup of this database that was read back and found whole was taken; empty if there is none. */
    Optional<Instant> newest(DatabaseId database);

    /** More about them; empty if there is none, or no more is known. */
    default Optional<Standing> standing(DatabaseId database) {
        return Optional.empty();
    }

    /**
     * How the backups of a database stand.
     *
     * @param verified how many were read back and found whole
     * @param shareOfMedian size of the newest in terms of the median of those before it; empty while there are too few
     * @param lastDrill when one of those that are kept was last restored and found equal
     */
    record Standing(int verified, Optional<Double> shareOfMedian, Optional<Instant> lastDrill) {}
}
