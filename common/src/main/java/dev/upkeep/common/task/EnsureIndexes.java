package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.Optional;

/**
 * Creates the indexes of a list that are missing, and replaces those that are invalid. An index that leads with the same columns
 * counts as present, whatever its name.
 *
 * @param indexes in order; at least one
 */
public record EnsureIndexes(List<Wanted> indexes) implements Task {
    /**
     * One index.
     *
     * @param columns in order; at least one
     * @param unique whether it must be unique; then only a unique index on just these columns counts as present
     * @param name what to call it, without a schema; made from table and columns if absent
     */
    public record Wanted(TableName table, List<ColumnName> columns, boolean unique, Optional<ColumnName> name) {
        public Wanted {
            Check.present("table", table);
            columns = Check.notEmpty("columns", columns);
            Check.between("columns", columns.size(), 1, 32);
            if (columns.stream().distinct().count() != columns.size()) {
                throw new InvalidValue("columns", columns.toString(), "must not name a column twice");
            }
        }
    }

    public EnsureIndexes {
        indexes = Check.notEmpty("indexes", indexes);
        Check.between("indexes", indexes.size(), 1, 200);
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was created, what was there, and what could not be created because of a lock. */
    public record Report(List<Index> created, List<Index> present, List<TableName> locked) {}

    /** One index and its table; {@code replaced} if an invalid one of that name was dropped first. */
    public record Index(String name, TableName table, boolean replaced) {}
}
