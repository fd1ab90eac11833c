package dev.upkeep.executor.wiring;

import dev.upkeep.executor.database.ConfiguredDatabases;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.DatabasesConfig;
import dev.upkeep.executor.database.Discovery;
import dev.upkeep.executor.database.DiscoveryConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The databases of this executor: the listed ones from the start, the found ones from the first look on. */
@ApplicationScoped
public class Fleet {
    private final Databases databases;
    private final Discovery discovery;

    Fleet(DatabasesConfig listed, DiscoveryConfig config) {
        List<Database> known = ConfiguredDatabases.of(listed);
        this.databases = new Databases(known);
        this.discovery = new Discovery(config, known, databases);
    }

    Databases databases() {
        return databases;
    }

    void look() {
        discovery.look();
    }
}
