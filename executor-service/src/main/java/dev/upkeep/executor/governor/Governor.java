package dev.upkeep.executor.governor;

import dev.upkeep.executor.database.Database;

/** Watches the load on databases for those who work on them. Thread-safe. */
public interface Governor {
    /** Begins to watch a database; costs nothing until it is first asked. */
    Watch watch(Database database);
}
