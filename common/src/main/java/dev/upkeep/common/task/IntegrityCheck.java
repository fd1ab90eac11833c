package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.Optional;

/**
 * Looks for damage. SQLite: {@code quick_check} or {@code integrity_check}, and {@code foreign_key_check}. PostgreSQL: B-tree
 * indexes and, if full, tables with extension amcheck where it is installed, checksum failures, and invalid indexes.
 *
 * @param depth how deep; quick if absent
 * @param tables PostgreSQL: only these; all if empty
 */
public record IntegrityCheck(Optional<Depth> depth, List<TableName> tables) implements Task {
    /** How deep to look. */
    public enum Depth {
        /** What can be seen without comparing tables and indexes row by row. */
        QUICK,
        /** All of it; takes long on a large database. */
        FULL
    }

    public IntegrityCheck {
        tables = Check.list("tables", tables);
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** How many objects were looked at, how many problems were found, and with what means; problems are in the findings. */
    public record Report(int objects, int problems, List<String> means) {}
}
