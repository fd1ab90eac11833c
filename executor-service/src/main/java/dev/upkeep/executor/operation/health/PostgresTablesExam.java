package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * All tables, in one pass over the catalogue and the statistics, without opening or locking any of them. Tables of extensions
 * and temporary tables are left out; of the system catalogue only dead rows and freezing count. A table that a vacuum is
 * working on right now is not said to need one.
 */
final class PostgresTablesExam implements PostgresExam {
    private static final int MEASURED = 20;
    private static final String SQL = """
            SELECT n.nspname, c.relname, n.nspname = 'pg_catalog' AS system, c.relkind IN ('r', 'p') AS ordinary,
              c.relkind = 'p' AS partitioned, c.relispartition,
              greatest(c.reltuples, 0)::float8 AS rows, (c.relpages + coalesce(t.relpages, 0))::float8 AS pages,
              array_to_string(c.reloptions, ',') AS options,
              CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(age(c.relfrozenxid), age(t.relfrozenxid)) END AS xid_age,
              pg_stat_get_live_tuples(c.oid)::float8 AS live, pg_stat_get_dead_tuples(c.oid)::float8 AS dead,
              pg_stat_get_mod_since_analyze(c.oid)::float8 AS modified,
              extract(epoch FROM clock_timestamp() - coalesce(
                greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)), d.since)) AS vacuumed,
              extract(epoch FROM clock_timestamp() - coalesce(
                greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)), d.since)) AS analyzed,
              c.oid IN (SELECT relid FROM pg_stat_progress_vacuum) AS in_vacuum,
              EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key,
              CASE WHEN c.relhastriggers
                THEN (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled = 'D') ELSE 0 END AS disabled
            FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
              CROSS JOIN (SELECT coalesce(stats_reset, pg_postmaster_start_time()) AS since
                          FROM pg_stat_database WHERE datname = current_database()) d
            WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
              AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_t%'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                              AND e.deptype = 'e')
            """;

    private record Size(String table, double bytes, double dead, double rows) {}

    @Override
    public String subject() {
        return "tables";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        List.of(
                        DEAD_ROWS,
                        VACUUM_OVERDUE,
                        ANALYZE_OVERDUE,
                        FREEZE_OVERDUE,
                        MISSING_PRIMARY_KEY,
                        DISABLED_TRIGGERS,
                        AUTOVACUUM_OFF)
                .forEach(examination::looked);
        if (!server.autovacuum().on()) {
            examination.judge(
                    AUTOVACUUM_OFF,
                    "the server",
                    1,
                    () -> "Set autovacuum = on and track_counts = on and reload; without them dead rows pile up.");
        }
        PriorityQueue<Size> largest = new PriorityQueue<>(Comparator.comparingDouble(Size::bytes));
        int[] tables = {0};
        session.each(SQL, row -> {
            Optional<Size> size = table(row, server, examination);
            if (size.isPresent()) {
                tables[0]++;
                largest.add(size.get());
                if (largest.size() > MEASURED) {
                    largest.poll();
                }
            }
        });
        session.release();
        examination.fact("tables", Integer.toString(tables[0]));
        largest.forEach(size -> measure(size, examination));
    }

    private static void measure(Size size, Examination examination) {
        Map<String, String> labels = Map.of("table", size.table());
        examination.measure(Measurement.gauge("table_size", "bytes", size.bytes(), labels));
        examination.measure(Measurement.gauge("table_rows", "rows", size.rows(), labels));
        examination.measure(Measurement.gauge("table_dead", "rows", size.dead(), labels));
    }

    /** Judges one table; its size if it is one of the application's. */
    private static Optional<Size> table(ResultSet row, PostgresServer server, Examination examination)
            throws SQLException {
        RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
        String text = name.text();
        StorageOptions options = new StorageOptions(row.getString("options"));
        if (!row.getBoolean("partitioned")) {
            freeze(row, server, options, text, examination);
            if (!row.getBoolean("in_vacuum")) {
                vacuum(row, server, options, text, examination);
            }
        }
        if (row.getBoolean("system")) {
            return Optional.empty();
        }
        if (row.getBoolean("ordinary") && !row.getBoolean("relispartition") && !row.getBoolean("has_key")) {
            examination.judge(
                    MISSING_PRIMARY_KEY,
                    text,
                    row.getDouble("rows"),
                    () -> "Give table " + text + " a primary key: without one rows cannot be told apart, and logical"
                            + " replication and safe purging do not work.");
        }
        int disabled = row.getInt("disabled");
        if (disabled > 0) {
            examination.judge(
                    DISABLED_TRIGGERS,
                    text,
                    disabled,
                    () -> "ALTER TABLE " + name.sql()
                            + " ENABLE TRIGGER ALL, after checking what they missed: triggers of"
                            + " foreign keys may be among them.");
        }
        if (options.disabled()) {
            examination.judge(
                    AUTOVACUUM_OFF,
                    text,
                    1,
                    () -> "ALTER TABLE " + name.sql()
                            + " RESET (autovacuum_enabled), unless something else vacuums it.");
        }
        return Optional.of(new Size(
                text, row.getDouble("pages") * server.pageSize(), row.getDouble("dead"), row.getDouble("rows")));
    }

    private static void freeze(
            ResultSet row, PostgresServer server, StorageOptions options, String text, Examination examination)
            throws SQLException {
        double most = Math.min(
                options.number("autovacuum_freeze_max_age").orElse(Double.MAX_VALUE),
                server.autovacuum().freezeMaxAge());
        examination.judge(
                FREEZE_OVERDUE,
                text,
                row.getDouble("xid_age") / most,
                () ->
                        "Autovacuum does not get round to freezing it. Look for old snapshots and slots, then run task vacuum"
                                + " with mode freeze on table " + text + ".");
    }

    private static void vacuum(
            ResultSet row, PostgresServer server, StorageOptions options, String text, Examination examination)
            throws SQLException {
        double dead = row.getDouble("dead");
        double all = dead + row.getDouble("live");
        if (all > 0) {
            examination.judge(
                    DEAD_ROWS,
                    DEAD_ROWS_COUNT,
                    text,
                    dead / all,
                    dead,
                    () -> "Run task vacuum on table " + text
                            + "; if it comes back, let autovacuum come sooner with task" + " tune-autovacuum.");
        }
        PostgresServer.Autovacuum settings = server.autovacuum();
        double rows = row.getDouble("rows");
        double vacuumAt = options.number("autovacuum_vacuum_threshold").orElse(settings.vacuumThreshold())
                + options.number("autovacuum_vacuum_scale_factor").orElse(settings.vacuumScale()) * rows;
        if (dead > vacuumAt) {
            examination.judge(
                    VACUUM_OVERDUE,
                    text,
                    row.getDouble("vacuumed"),
                    () -> "Autovacuum does not keep up: run task vacuum on table " + text
                            + ", then look at autovacuum_max_workers and at what cancels it.");
        }
        double analyzeAt = options.number("autovacuum_analyze_threshold").orElse(settings.analyzeThreshold())
                + options.number("autovacuum_analyze_scale_factor").orElse(settings.analyzeScale()) * rows;
        if (row.getDouble("modified") > analyzeAt && !row.getBoolean("system")) {
            examination.judge(
                    ANALYZE_OVERDUE,
                    text,
                    row.getDouble("analyzed"),
                    () -> "The planner works with old statistics: run task analyze on table " + text + ".");
        }
    }
}
