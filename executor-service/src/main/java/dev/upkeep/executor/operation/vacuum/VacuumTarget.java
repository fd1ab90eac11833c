package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;

/**
 * A table that may be vacuumed.
 *
 * @param bytes with indexes and TOAST
 * @param live rows as the statistics estimate them
 * @param age of its oldest transaction id, as a share of autovacuum_freeze_max_age
 */
record VacuumTarget(RelationName name, long oid, long bytes, long live, long dead, double age) {
    static final Comparator<VacuumTarget> BY_ID = Comparator.comparingLong(VacuumTarget::oid);
    static final Comparator<VacuumTarget> MOST_URGENT_FIRST = Comparator.comparing(
                    (VacuumTarget table) -> table.age() < 1)
            .thenComparing(Comparator.comparingLong(VacuumTarget::dead).reversed())
            .thenComparing(BY_ID);

    static VacuumTarget read(ResultSet row) throws SQLException {
        return new VacuumTarget(
                name(row),
                row.getLong("oid"),
                row.getLong("bytes"),
                row.getLong("live"),
                row.getLong("dead"),
                row.getDouble("age"));
    }

    static RelationName name(ResultSet row) throws SQLException {
        return new RelationName(row.getString("nspname"), row.getString("relname"));
    }

    double deadShare() {
        return dead == 0 ? 0 : (double) dead / (dead + live);
    }
}
