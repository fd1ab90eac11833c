package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Vacuums PostgreSQL tables one by one, those first that are nearest to transaction id wraparound, then those with most dead rows.
 * A table whose lock is held is left alone and reported. Mode full is refused for a table that would not fit on the disk twice. Out
 * of time, mode auto finds the rest by what is dead; the others go on from their cursor, the last table done.
 */
@ApplicationScoped
public class PostgresVacuum implements Operation<Vacuum, PostgresDatabase> {
    private static final double LEAST_DEAD_SHARE = 0.1;
    private static final long LEAST_DEAD_ROWS = 1_000;
    private static final double FREEZE_FROM = 0.9;
    private static final String SQL = """
            SELECT n.nspname, c.relname, c.oid::int8 AS oid, pg_total_relation_size(c.oid) AS bytes,
              pg_stat_get_live_tuples(c.oid) AS live, pg_stat_get_dead_tuples(c.oid) AS dead,
              greatest(age(c.relfrozenxid), age(t.relfrozenxid))
                / current_setting('autovacuum_freeze_max_age')::float8 AS age
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND c.relkind <> 'p'
              AND CASE WHEN cardinality(?::int8[]) > 0 THEN c.oid::int8 = ANY (?::int8[]) ELSE true END
              AND NOT c.oid = ANY (ARRAY(SELECT relation FROM pg_locks
                WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND pid <> pg_backend_pid()))
            """;
    private static final String LOCKED = """
            SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND c.relkind <> 'p' AND CASE WHEN cardinality(?::int8[]) > 0 THEN c.oid::int8 = ANY (?::int8[]) ELSE true END
              AND c.oid = ANY (ARRAY(SELECT relation FROM pg_locks
                WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND pid <> pg_backend_pid()))
            ORDER BY 1, 2
            """;

    @Override
    public Class<Vacuum> task() {
        return Vacuum.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Vacuum> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        Vacuum task = order.task();
        Vacuum.Mode mode = task.mode().orElse(Vacuum.Mode.AUTO);
        if (mode == Vacuum.Mode.INCREMENTAL) {
            return Done.rejected(new Reason(
                    Code.UNSUPPORTED, "mode: incremental (is for SQLite; PostgreSQL has auto, plain, freeze, full)"));
        }
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            Long[] ids = leaves(session, PostgresTable.find(session, task.tables()));
            List<VacuumTarget> all = session.rows(SQL, VacuumTarget::read, ids, ids);
            List<VacuumTarget> chosen = choose(task, mode, all, attempt.cursor());
            VacuumRound round = new VacuumRound(session, attempt, task, mode);
            session.each(LOCKED, row -> round.locked(VacuumTarget.name(row)), ids, ids);
            if (order.dryRun()) {
                return round.planned(chosen);
            }
            try (PostgresSession watcher = PostgresSession.open(database, order.command(), attempt)) {
                return round.done(chosen, watcher);
            }
        }
    }

    private static Long[] leaves(PostgresSession session, List<PostgresTable> named) throws SQLException {
        List<Long> ids = new ArrayList<>();
        for (PostgresTable table : named) {
            if (table.isPartitioned()) {
                ids.addAll(session.rows(
                        "SELECT relid::oid::int8 FROM pg_partition_tree(?::int8::oid::regclass) WHERE isleaf",
                        row -> row.getLong(1),
                        table.oid()));
            } else {
                ids.add(table.oid());
            }
        }
        return ids.toArray(Long[]::new);
    }

    private static List<VacuumTarget> choose(
            Vacuum task, Vacuum.Mode mode, List<VacuumTarget> all, Optional<String> cursor) {
        if (mode == Vacuum.Mode.AUTO) {
            double share = task.leastDeadShare().orElse(LEAST_DEAD_SHARE);
            long rows = task.leastDeadRows().orElse(LEAST_DEAD_ROWS);
            return all.stream()
                    .filter(table -> table.age() >= FREEZE_FROM || (table.dead() >= rows && table.deadShare() >= share))
                    .sorted(VacuumTarget.MOST_URGENT_FIRST)
                    .toList();
        }
        long after = cursor.map(Long::parseLong).orElse(-1L);
        return all.stream()
                .filter(table -> table.oid() > after)
                .sorted(VacuumTarget.BY_ID)
                .toList();
    }
}
