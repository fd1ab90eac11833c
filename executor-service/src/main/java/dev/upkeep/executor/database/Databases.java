package dev.upkeep.executor.database;

import dev.upkeep.common.id.DatabaseId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The databases that this executor cares for at the moment. Thread-safe: the set is replaced as a whole. */
public final class Databases {
    private volatile Map<DatabaseId, Database> all;

    /** @throws IllegalStateException if two have the same id */
    public Databases(Collection<? extends Database> databases) {
        this.all = byId(databases);
    }

    /** Replaces the set, when discovery found others. */
    public void replace(Collection<? extends Database> databases) {
        all = byId(databases);
    }

    /** The database of this id. */
    public Optional<Database> find(DatabaseId id) {
        return Optional.ofNullable(all.get(id));
    }

    /** All of them, ordered by id. */
    public List<Database> all() {
        return List.copyOf(all.values());
    }

    private static Map<DatabaseId, Database> byId(Collection<? extends Database> databases) {
        Map<DatabaseId, Database> map = new TreeMap<>();
        for (Database database : databases) {
            Database other = map.put(database.id(), database);
            if (other != null) {
                throw new IllegalStateException(
                        "two databases are called " + database.id() + ": " + other + " and " + database);
            }
        }
        return map;
    }
}
