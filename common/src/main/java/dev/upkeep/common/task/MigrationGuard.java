package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Stands guard around a schema migration. Before: is there a recent verified backup, do long transactions, locks, invalid indexes or
 * a full disk stand in its way? After: analyzes the tables that changed, validates constraints, and finds new invalid indexes.
 *
 * @param phase before or after the migration
 * @param tables that the migration changes; all if empty
 * @param backupWithin before: demand a verified backup no older than this; none is demanded if absent
 * @param longTransaction before: a transaction open for longer than this stands in the way; 1 minute if absent
 */
public record MigrationGuard(
        Phase phase, List<TableName> tables, Optional<Duration> backupWithin, Optional<Duration> longTransaction)
        implements Task {
    /** The two sides of a migration. */
    public enum Phase {
        BEFORE,
        AFTER
    }

    public MigrationGuard {
        Check.present("phase", phase);
        tables = Check.list("tables", tables);
        backupWithin.ifPresent(time -> Check.positive("backupWithin", time));
        longTransaction.ifPresent(time -> Check.positive("longTransaction", time));
    }

    @Override
    public Effect effect() {
        return phase == Phase.BEFORE ? Effect.READ_ONLY : Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Whether the migration may go on (before) or is in good order (after), and each thing looked at or done, in words. */
    public record Report(boolean clear, List<String> steps) {}
}
