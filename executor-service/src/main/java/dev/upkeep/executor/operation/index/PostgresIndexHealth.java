package dev.upkeep.executor.operation.index;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.IndexHealth;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.IndexBloat;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks over the indexes of a PostgreSQL database and writes down what should be done about them, as statements that a person can run.
 * Reads catalogue and statistics only. An index that enforces something (primary key, unique, exclusion, replica identity)
 * is never proposed for dropping as unused.
 */
@ApplicationScoped
public class PostgresIndexHealth implements Operation<IndexHealth, PostgresDatabase> {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration UNUSED_FOR = Duration.ofDays(30);
    private static final long LEAST_BYTES = 1024 * 1024;
    private static final double BLOATED = 0.5;
    private static final int LISTED = 200;
    private static final String INDEXES = """
            SELECT n.nspname, c.relname AS tablename, i.relname, c.oid::int8 AS table_oid, x.indisvalid,
              i.relpages::int8 * current_setting('block_size')::int AS bytes, i.relkind, i.relispartition,
              x.indexrelid IN (SELECT index_relid FROM pg_stat_progress_create_index) AS building,
              x.indisunique OR x.indisreplident OR x.indisexclusion AS enforces,
              EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')) AS of_constraint,
              %s AS unused,
              row_number() OVER (same ORDER BY x.indisprimary DESC, x.indisvalid DESC, x.indisunique DESC, i.oid) AS place,
              first_value(i.relname) OVER (same ORDER BY x.indisprimary DESC, x.indisvalid DESC, x.indisunique DESC, i.oid) AS twin
            FROM pg_index x
              JOIN pg_class i ON i.oid = x.indexrelid
              JOIN pg_class c ON c.oid = x.indrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE""" + PostgresTable.OF_APPLICATION.replace("%", "%%") + """
              AND (cardinality(?::int8[]) = 0 OR c.oid::int8 = ANY (?::int8[]))
            WINDOW same AS (PARTITION BY x.indrelid, i.relam, x.indkey::text, x.indclass::text, x.indcollation::text,
              x.indoption::text, x.indnkeyatts, regexp_replace(x.indexprs::text, ':location -?\\d+', '', 'g'),
              regexp_replace(x.indpred::text, ':location -?\\d+', '', 'g'))
            ORDER BY i.relpages DESC, 1, 3
            """;
    private static final String BY_LAST_SCAN =
            "coalesce(pg_stat_get_lastscan(i.oid), '-infinity') < now() - make_interval(secs => %d)";
    private static final String NEVER_SCANNED = "pg_stat_get_numscans(i.oid) = 0 AND coalesce((SELECT stats_reset FROM"
            + " pg_stat_database WHERE datname = current_database()), '-infinity') < now() - make_interval(secs => %d)";
    private static final String FOREIGN_KEYS = """
            SELECT n.nspname, c.relname AS tablename, k.conname,
              ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place) AS columns
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 AND""" + PostgresTable.OF_APPLICATION + """
              AND (cardinality(?::int8[]) = 0 OR c.oid::int8 = ANY (?::int8[]))
              AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL
                AND (SELECT array_agg(p ORDER BY p) FROM unnest(k.conkey) p)
                  = (SELECT array_agg(q ORDER BY q) FROM unnest((x.indkey::int2[])[0:cardinality(k.conkey) - 1]) q))
            ORDER BY c.relpages DESC, 1, 2, 3
            """;

    @Override
    public Class<IndexHealth> task() {
        return IndexHealth.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<IndexHealth> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        IndexHealth task = order.task();
        try (PostgresSession session =
                PostgresSession.readOnly(database, order.command(), attempt, STATEMENT_TIMEOUT)) {
            Long[] ids = PostgresTable.ids(PostgresTable.find(session, task.tables()));
            Look look = new Look(task.leastBytes().orElse(LEAST_BYTES));
            String unused = (session.version() >= 160_000 ? BY_LAST_SCAN : NEVER_SCANNED)
                    .formatted(task.unusedFor().orElse(UNUSED_FOR).toSeconds());
            session.each(INDEXES.formatted(unused), look::index, ids, ids);
            session.release();
            bloated(session, look, Set.of(ids));
            session.each(FOREIGN_KEYS, look::foreignKey, ids, ids);
            session.release();
            return look.done();
        }
    }

    private static void bloated(PostgresSession session, Look look, Set<Long> tables) throws SQLException {
        int page = session.first("SELECT current_setting('block_size')::int", row -> row.getInt(1))
                .orElseThrow();
        session.each(
                IndexBloat.SQL.formatted(page),
                row -> {
                    if (tables.isEmpty() || tables.contains(row.getLong("table_oid"))) {
                        look.bloat(row, page);
                    }
                },
                (double) look.leastBytes);
        session.release();
    }

    /** What was seen so far. */
    private static final class Look {
        private final long leastBytes;
        private final List<IndexHealth.Proposal> proposals = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private int indexes;
        private long bytes;

        Look(long leastBytes) {
            this.leastBytes = leastBytes;
        }

        void index(ResultSet row) throws SQLException {
            RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
            RelationName table = new RelationName(row.getString("nspname"), row.getString("tablename"));
            long size = row.getLong("bytes");
            indexes++;
            bytes += size;
            boolean plain = row.getString("relkind").equals("i") && !row.getBoolean("relispartition");
            boolean droppable = plain && !row.getBoolean("of_constraint");
            String drop = "DROP INDEX CONCURRENTLY " + name.sql() + ";";
            if (!row.getBoolean("indisvalid")) {
                if (plain && !row.getBoolean("building")) {
                    boolean leftover = name.name().matches(".*_cc(new|old)[0-9]*");
                    String again = leftover ? drop : "REINDEX INDEX CONCURRENTLY " + name.sql() + ";";
                    add(IndexHealth.Kind.INVALID, Severity.WARNING, table, name.text(), size, again);
                }
            } else if (droppable && row.getInt("place") > 1) {
                add(
                        IndexHealth.Kind.DUPLICATE,
                        Severity.INFO,
                        table,
                        name.text(),
                        size,
                        drop + " -- same as " + row.getString("twin"));
            } else if (droppable && row.getBoolean("unused") && !row.getBoolean("enforces") && size >= leastBytes) {
                add(IndexHealth.Kind.UNUSED, Severity.INFO, table, name.text(), size, drop);
            }
        }

        void bloat(ResultSet row, int page) throws SQLException {
            double pages = row.getDouble("pages");
            double empty = Math.max(0, pages - row.getDouble("needed"));
            if (pages > 0 && empty / pages >= BLOATED && empty * page >= leastBytes) {
                RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
                RelationName table = new RelationName(row.getString("nspname"), row.getString("tablename"));
                String statement = "REINDEX INDEX CONCURRENTLY " + name.sql() + ";";
                add(IndexHealth.Kind.BLOATED, Severity.INFO, table, name.text(), (long) (empty * page), statement);
            }
        }

        void foreignKey(ResultSet row) throws SQLException {
            RelationName table = new RelationName(row.getString("nspname"), row.getString("tablename"));
            String columns = List.of((String[]) row.getArray("columns").getArray()).stream()
                    .map(RelationName::quoted)
                    .collect(Collectors.joining(", "));
            add(
                    IndexHealth.Kind.FOREIGN_KEY_WITHOUT_INDEX,
                    Severity.WARNING,
                    table,
                    row.getString("conname"),
                    0,
                    "CREATE INDEX CONCURRENTLY ON " + table.sql() + " (" + columns + ");");
        }

        private void add(
                IndexHealth.Kind kind,
                Severity severity,
                RelationName table,
                String object,
                long size,
                String statement) {
            proposals.add(new IndexHealth.Proposal(kind, table.table(), object, size, statement));
            String check = "index-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
            findings.add(new Finding(
                    check,
                    severity,
                    object,
                    size + " bytes",
                    "none",
                    "built-in",
                    statement + " (table " + table + ")"));
        }

        Done done() {
            List<Measurement> measurements = new ArrayList<>();
            measurements.add(Measurement.gauge("indexes", "count", (long) indexes));
            measurements.add(Measurement.gauge("indexes_size", "bytes", bytes));
            for (IndexHealth.Kind kind : IndexHealth.Kind.values()) {
                long count = proposals.stream().filter(p -> p.kind() == kind).count();
                String label = kind.name().toLowerCase(Locale.ROOT);
                measurements.add(Measurement.gauge("index_proposals", "count", count, Map.of("kind", label)));
            }
            List<IndexHealth.Proposal> listed = proposals.subList(0, Math.min(LISTED, proposals.size()));
            return Done.succeeded(
                    new IndexHealth.Report(indexes, bytes, List.copyOf(listed)),
                    findings.subList(0, Math.min(LISTED, findings.size())),
                    measurements);
        }
    }
}
