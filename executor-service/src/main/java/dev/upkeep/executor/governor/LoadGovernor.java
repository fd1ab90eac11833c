package dev.upkeep.executor.governor;

import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** The governor that looks at the real load, within the configured limits. Thread-safe. */
@ApplicationScoped
public class LoadGovernor implements Governor {
    private final PressureLimits limits;

    @Inject
    LoadGovernor(GovernorConfig config) {
        this(new PressureLimits(
                config.lockWaiters(),
                config.replicationLag(),
                config.archiverBacklog(),
                config.walSize().asLongValue(),
                config.diskFloor().asLongValue()));
    }

    /** For use without configuration. */
    public LoadGovernor(PressureLimits limits) {
        this.limits = limits;
    }

    @Override
    public Watch watch(Database database) {
        return database instanceof PostgresDatabase postgres
                ? new PostgresWatch(postgres, limits)
                : new SqliteWatch(((SqliteDatabase) database).file(), limits);
    }
}
