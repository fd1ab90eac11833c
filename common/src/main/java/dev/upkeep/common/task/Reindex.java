package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.Optional;

/**
 * Builds indexes anew where it is worth it, or those that are named.
 *
 * @param tables all indexes of these tables, worth it or not
 * @param indexes these indexes, worth it or not; a name without a schema as for tables
 * @param all every index of the database, worth it or not; not with tables or indexes
 * @param leastBloatShare PostgreSQL, if nothing is named: only indexes with at least this estimated share of empty space; 0.5 if absent
 * @param leastBloatBytes PostgreSQL, if nothing is named: and at least so many empty bytes; 10 MiB if absent
 */
public record Reindex(
        List<TableName> tables,
        List<TableName> indexes,
        boolean all,
        Optional<Double> leastBloatShare,
        Optional<Long> leastBloatBytes)
        implements Task {
    public Reindex {
        tables = Check.list("tables", tables);
        indexes = Check.list("indexes", indexes);
        leastBloatShare.ifPresent(share -> Check.share("leastBloatShare", share));
        leastBloatBytes.ifPresent(bytes -> Check.between("leastBloatBytes", bytes, 0, Long.MAX_VALUE));
        if (all && !(tables.isEmpty() && indexes.isEmpty())) {
            throw new InvalidValue("all", "true", "must stand alone, without tables and indexes");
        }
    }

    /** Where it is worth it. */
    public static Reindex auto() {
        return new Reindex(List.of(), List.of(), false, Optional.empty(), Optional.empty());
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

    /** What was rebuilt, what was left alone because of a lock, and leftovers of earlier broken-off rebuilds that were dropped. */
    public record Report(List<Index> rebuilt, List<TableName> locked, List<TableName> cleared) {}

    /** One index; bytes before and after. */
    public record Index(TableName index, TableName table, long bytesBefore, long bytesAfter) {}
}
