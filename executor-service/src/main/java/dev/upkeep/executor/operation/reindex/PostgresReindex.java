package dev.upkeep.executor.operation.reindex;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.IndexBloat;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rebuilds PostgreSQL indexes with {@code REINDEX INDEX CONCURRENTLY}, one by one, which stops neither readers nor writers. Chosen
 * are those named, or invalid and bloated ones. What a broken-off rebuild leaves behind ({@code _ccnew}, {@code _ccold}) is dropped,
 * its own at once and older ones first. Indexes of exclusion constraints cannot be rebuilt this way and are left alone.
 */
@ApplicationScoped
public class PostgresReindex implements Operation<Reindex, PostgresDatabase> {
    private static final double LEAST_SHARE = 0.5;
    private static final long LEAST_BYTES = 10 * 1024 * 1024;
    private static final String SQL = """
            SELECT n.nspname, i.relname, i.oid::int8 AS oid, c.oid::int8 AS table_oid, c.relname AS tablename,
              pg_relation_size(i.oid) AS bytes, x.indisvalid, i.relname ~ '_cc(new|old)[0-9]*$' AS leftover
            FROM pg_index x
              JOIN pg_class i ON i.oid = x.indexrelid
              JOIN pg_class c ON c.oid = x.indrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND i.relkind = 'i' AND NOT x.indisexclusion
              AND i.oid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index)
              AND NOT c.oid = ANY (ARRAY(SELECT relation FROM pg_locks
                WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND pid <> pg_backend_pid()))
            ORDER BY i.oid
            """;

    @Override
    public Class<Reindex> task() {
        return Reindex.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Reindex> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        Reindex task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            List<ReindexTarget> all = session.rows(SQL, PostgresReindex::target);
            List<ReindexTarget> leftovers = all.stream()
                    .filter(index -> index.leftover() && !index.valid())
                    .toList();
            List<ReindexTarget> indexes =
                    all.stream().filter(index -> !leftovers.contains(index)).toList();
            Set<ReindexTarget> chosen = choose(task, session, indexes);
            long after = task.all() ? attempt.cursor().map(Long::parseLong).orElse(-1L) : -1L;
            chosen.removeIf(index -> index.oid() <= after);
            ReindexRound round = new ReindexRound(session, attempt, task.all());
            return order.dryRun()
                    ? round.planned(List.copyOf(chosen), leftovers)
                    : round.done(List.copyOf(chosen), leftovers);
        }
    }

    private static Set<ReindexTarget> choose(Reindex task, PostgresSession session, List<ReindexTarget> indexes)
            throws SQLException {
        if (task.all()) {
            return new LinkedHashSet<>(indexes);
        }
        Set<ReindexTarget> chosen = new LinkedHashSet<>();
        if (task.tables().isEmpty() && task.indexes().isEmpty()) {
            indexes.stream().filter(index -> !index.valid()).forEach(chosen::add);
            chosen.addAll(bloated(task, session, indexes));
            return chosen;
        }
        Set<Long> tables = leaves(session, task.tables());
        indexes.stream().filter(index -> tables.contains(index.tableOid())).forEach(chosen::add);
        Map<RelationName, ReindexTarget> byName =
                indexes.stream().collect(Collectors.toMap(ReindexTarget::name, index -> index));
        List<TableName> missing = new ArrayList<>();
        for (TableName name : task.indexes()) {
            ReindexTarget index = byName.get(new RelationName(name.schema().orElse("public"), name.table()));
            if (index == null) {
                missing.add(name);
            } else {
                chosen.add(index);
            }
        }
        if (!missing.isEmpty()) {
            throw new Failure(
                    Code.NO_SUCH_TABLE,
                    "indexes: " + missing
                            + " (must be indexes of tables of this database, not of exclusion constraints or"
                            + " partitioned as a whole, and not locked right now)");
        }
        return chosen;
    }

    private static List<ReindexTarget> bloated(Reindex task, PostgresSession session, List<ReindexTarget> indexes)
            throws SQLException {
        double share = task.leastBloatShare().orElse(LEAST_SHARE);
        long bytes = task.leastBloatBytes().orElse(LEAST_BYTES);
        int page = session.first("SELECT current_setting('block_size')::int", row -> row.getInt(1))
                .orElseThrow();
        Map<Long, Double> empty = new HashMap<>();
        session.each(
                IndexBloat.SQL.formatted(page),
                row -> {
                    double pages = row.getDouble("pages");
                    double free = Math.max(0, pages - row.getDouble("needed"));
                    if (pages > 0 && free / pages >= share && free * page >= bytes) {
                        empty.put(row.getLong("oid"), free);
                    }
                },
                (double) bytes);
        return indexes.stream()
                .filter(index -> empty.containsKey(index.oid()))
                .sorted((a, b) -> Double.compare(empty.getOrDefault(b.oid(), 0.0), empty.getOrDefault(a.oid(), 0.0)))
                .toList();
    }

    private static Set<Long> leaves(PostgresSession session, List<TableName> names) throws SQLException {
        Set<Long> ids = new LinkedHashSet<>();
        for (PostgresTable table : PostgresTable.find(session, names)) {
            ids.add(table.oid());
            if (table.isPartitioned()) {
                ids.addAll(session.rows(
                        "SELECT relid::oid::int8 FROM pg_partition_tree(?::int8::oid::regclass) WHERE isleaf",
                        row -> row.getLong(1),
                        table.oid()));
            }
        }
        return ids;
    }

    private static ReindexTarget target(ResultSet row) throws SQLException {
        return new ReindexTarget(
                new RelationName(row.getString("nspname"), row.getString("relname")),
                row.getLong("oid"),
                new RelationName(row.getString("nspname"), row.getString("tablename")),
                row.getLong("table_oid"),
                row.getLong("bytes"),
                row.getBoolean("indisvalid"),
                row.getBoolean("leftover"));
    }
}
