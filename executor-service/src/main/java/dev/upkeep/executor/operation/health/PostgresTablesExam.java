package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * All tables, in one pass over the catalogue and the statistics, without opening or locking any of them. Only those that can be a
 * finding, by the mildest limits that anybody set, and the largest leave the server. Tables of extensions and temporary tables are left out; of the system catalogue only dead rows and freezing count. A table that a vacuum is
 * working on right now is not said to need one.
 */
final class PostgresTablesExam implements PostgresExam {
    /** Parameters: the least age, dead rows, then threshold and scale of autovacuum's vacuum and of its analyze. */
    private static final String SQL = """
            WITH tables AS MATERIALIZED (
              SELECT c.oid, n.nspname, c.relname, n.nspname = 'pg_catalog' AS system, c.relkind, c.relispartition, c.reloptions,
                c.relhastriggers, greatest(c.reltuples, 0)::float8 AS rows,
                (c.relpages + coalesce(t.relpages, 0))::float8 AS pages,
                CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(age(c.relfrozenxid), age(t.relfrozenxid)) END AS xid_age,
                pg_stat_get_dead_tuples(c.oid)::float8 AS dead, pg_stat_get_mod_since_analyze(c.oid)::float8 AS modified
              FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.relkind = 't'
              WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
                AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_t%'
                AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass
                                  AND classid = 'pg_class'::regclass AND deptype = 'e')),
            faults AS (
              SELECT c.*, c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT c.system
                  AND c.oid NOT IN (SELECT indrelid FROM pg_index WHERE indisprimary) AS keyless,
                CASE WHEN c.relhastriggers
                  THEN (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled = 'D') ELSE 0 END AS disabled
              FROM tables c)
            SELECT c.nspname, c.relname, c.system, c.relkind = 'p' AS partitioned, c.keyless, c.disabled, c.rows, c.pages,
              array_to_string(c.reloptions, ',') AS options, c.xid_age, c.dead, c.modified,
              pg_stat_get_live_tuples(c.oid)::float8 AS live,
              extract(epoch FROM clock_timestamp() - coalesce(
                greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)), d.since)) AS vacuumed,
              extract(epoch FROM clock_timestamp() - coalesce(
                greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)), d.since)) AS analyzed,
              c.oid IN (SELECT relid FROM pg_stat_progress_vacuum) AS in_vacuum,
              c.oid = ANY (largest.oids) AS is_large, (SELECT count(*) FROM tables WHERE NOT system) AS tables
            FROM faults c,
              (SELECT coalesce(pg_stat_get_db_stat_reset_time(oid), pg_postmaster_start_time()) AS since
                 FROM pg_database WHERE datname = current_database()) d,
              (SELECT ARRAY(SELECT oid FROM tables WHERE NOT system ORDER BY pages DESC LIMIT 20) AS oids) largest
            WHERE c.keyless OR c.disabled > 0 OR c.reloptions IS NOT NULL OR c.xid_age >= ? OR c.dead >= ?
              OR c.dead > ? + ? * c.rows OR c.modified > ? + ? * c.rows OR c.oid = ANY (largest.oids)
            """;

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
        PostgresServer.Autovacuum settings = server.autovacuum();
        Thresholds limits = examination.thresholds();
        int[] tables = {0};
        session.each(
                SQL,
                row -> {
                    tables[0] = row.getInt("tables");
                    table(row, server, examination);
                },
                limits.mildest(FREEZE_OVERDUE).orElse(Double.POSITIVE_INFINITY) * settings.freezeMaxAge(),
                limits.mildest(DEAD_ROWS_COUNT).orElse(Double.POSITIVE_INFINITY),
                settings.vacuumThreshold(),
                settings.vacuumScale(),
                settings.analyzeThreshold(),
                settings.analyzeScale());
        session.release();
        examination.fact("tables", Integer.toString(tables[0]));
    }

    private static void measure(String table, ResultSet row, PostgresServer server, Examination examination)
            throws SQLException {
        Map<String, String> labels = Map.of("table", table);
        examination.measure(
                Measurement.gauge("table_size", "bytes", row.getDouble("pages") * server.pageSize(), labels));
        examination.measure(Measurement.gauge("table_rows", "rows", row.getDouble("rows"), labels));
        examination.measure(Measurement.gauge("table_dead", "rows", row.getDouble("dead"), labels));
    }

    private static void table(ResultSet row, PostgresServer server, Examination examination) throws SQLException {
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
            return;
        }
        if (row.getBoolean("is_large")) {
            measure(text, row, server, examination);
        }
        if (row.getBoolean("keyless")) {
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
