package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.CancelQueries;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.IndexHealth;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.TerminateIdle;
import dev.upkeep.common.task.TuneAutovacuum;
import dev.upkeep.executor.operation.Impossible;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The tasks that make no sense on PostgreSQL, or are not offered yet. */
@Singleton
final class PostgresLimits {
    @Produces
    @Singleton
    Impossible checkpoint() {
        return new Impossible(
                Checkpoint.class,
                Engine.POSTGRESQL,
                "PostgreSQL writes checkpoints by itself; tune checkpoint_timeout and max_wal_size instead");
    }

    @Produces
    @Singleton
    Impossible cancelQueries() {
        return notYet(CancelQueries.class);
    }

    @Produces
    @Singleton
    Impossible ensureIndexes() {
        return notYet(EnsureIndexes.class);
    }

    @Produces
    @Singleton
    Impossible indexHealth() {
        return notYet(IndexHealth.class);
    }

    @Produces
    @Singleton
    Impossible integrityCheck() {
        return notYet(IntegrityCheck.class);
    }

    @Produces
    @Singleton
    Impossible maintainPartitions() {
        return notYet(MaintainPartitions.class);
    }

    @Produces
    @Singleton
    Impossible migrationGuard() {
        return notYet(MigrationGuard.class);
    }

    @Produces
    @Singleton
    Impossible optimize() {
        return notYet(Optimize.class);
    }

    @Produces
    @Singleton
    Impossible reindex() {
        return notYet(Reindex.class);
    }

    @Produces
    @Singleton
    Impossible releaseLeases() {
        return notYet(ReleaseLeases.class);
    }

    @Produces
    @Singleton
    Impossible terminateIdle() {
        return notYet(TerminateIdle.class);
    }

    @Produces
    @Singleton
    Impossible tuneAutovacuum() {
        return notYet(TuneAutovacuum.class);
    }

    private static Impossible notYet(Class<? extends Task> task) {
        return new Impossible(task, Engine.POSTGRESQL, "this version of Upkeep does not offer it on PostgreSQL");
    }
}
