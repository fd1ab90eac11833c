package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.TableName;
import java.util.List;

/**
 * Renews the planner's statistics.
 *
 * @param tables only these; all if empty
 * @param onlyModified only tables changed since their last analyze
 */
public record Analyze(List<TableName> tables, boolean onlyModified) implements Task {
    public Analyze {
        tables = Check.list("tables", tables);
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was analyzed, and what was left alone because a lock was held or nothing had changed. */
    public record Report(List<TableName> analyzed, List<TableName> locked, int unchanged) {}
}
