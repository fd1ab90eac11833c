package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.CancelQueries;
import dev.upkeep.common.task.IndexHealth;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.TerminateIdle;
import dev.upkeep.common.task.TuneAutovacuum;
import dev.upkeep.executor.operation.Impossible;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The tasks that make no sense on SQLite. */
@Singleton
final class SqliteLimits {
    private static final String NO_SERVER = "SQLite has no server, and so no sessions of others to end";

    @Produces
    @Singleton
    Impossible cancelQueries() {
        return on(CancelQueries.class, NO_SERVER);
    }

    @Produces
    @Singleton
    Impossible terminateIdle() {
        return on(TerminateIdle.class, NO_SERVER);
    }

    @Produces
    @Singleton
    Impossible tuneAutovacuum() {
        return on(TuneAutovacuum.class, "SQLite has no storage parameters per table");
    }

    @Produces
    @Singleton
    Impossible maintainPartitions() {
        return on(MaintainPartitions.class, "SQLite has no partitioned tables");
    }

    @Produces
    @Singleton
    Impossible indexHealth() {
        return on(IndexHealth.class, "SQLite keeps no statistics on the use of indexes");
    }

    private static Impossible on(Class<? extends Task> task, String reason) {
        return new Impossible(task, Engine.SQLITE, reason);
    }
}
