package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.executor.operation.Impossible;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The tasks that make no sense on PostgreSQL. */
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
}
