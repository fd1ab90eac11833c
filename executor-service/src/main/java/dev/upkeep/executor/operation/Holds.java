package dev.upkeep.executor.operation;

import dev.upkeep.executor.database.Database;
import java.util.Optional;

/** The holds that people have put on databases: while there is one, nothing destructive touches the database, its backups or archives. */
public interface Holds {
    /** Who holds this database, why and until when; empty if nobody does. */
    Optional<String> on(Database database);
}
