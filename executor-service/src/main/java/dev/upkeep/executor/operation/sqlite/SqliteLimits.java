package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.CancelQueries;
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

/** The tasks that make no sense on SQLite, or are not offered yet. */
@Singleton
final class SqliteLimits {
    private static final String NO_SERVER = "SQLite has no server, and so no sessions of others to end";
    private static final String NOT_YET = "this version of Upkeep does not offer it on SQLite";

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

    @Produces
    @Singleton
    Impossible reindex() {
        return on(Reindex.class, NOT_YET);
    }

    @Produces
    @Singleton
    Impossible ensureIndexes() {
        return on(EnsureIndexes.class, NOT_YET);
    }

    @Produces
    @Singleton
    Impossible integrityCheck() {
        return on(IntegrityCheck.class, NOT_YET);
    }

    @Produces
    @Singleton
    Impossible optimize() {
        return on(Optimize.class, NOT_YET);
    }

    @Produces
    @Singleton
    Impossible releaseLeases() {
        return on(ReleaseLeases.class, NOT_YET);
    }

    @Produces
    @Singleton
    Impossible migrationGuard() {
        return on(MigrationGuard.class, NOT_YET);
    }

    private static Impossible on(Class<? extends Task> task, String reason) {
        return new Impossible(task, Engine.SQLITE, reason);
    }
}
