package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Measures sizes, row counts and the age of data.
 *
 * @param tables only these; all ordinary tables if empty
 * @param exact count rows instead of taking the engine's estimate
 * @param ages oldest and newest record, and rows per day, by these columns
 */
public record Assess(List<TableName> tables, boolean exact, List<TimeColumn> ages) implements Task {
    public Assess {
        tables = Check.list("tables", tables);
        ages = Check.list("ages", ages);
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return exact;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Sizes in bytes; at most the 100 largest tables. */
    public record Report(long databaseBytes, List<Table> tables, List<Age> ages, boolean truncated) {}

    /** One table's figures; {@code exact} says whether the rows were counted. */
    public record Table(TableName table, long bytes, long indexBytes, long rows, boolean exact) {}

    /** How old a table's rows are. */
    public record Age(TimeColumn of, Optional<Instant> oldest, Optional<Instant> newest, double rowsPerDay) {}
}
