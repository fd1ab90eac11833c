package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.operation.Impossible;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What cannot be done with backups. */
@ApplicationScoped
class NotYet {
    private static final String REASON = "not offered by this version";

    @Produces
    @Singleton
    Impossible postgresRestore() {
        return new Impossible(Restore.class, Engine.POSTGRESQL, REASON);
    }

    @Produces
    @Singleton
    Impossible sqliteRestore() {
        return new Impossible(Restore.class, Engine.SQLITE, REASON);
    }
}
