package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Indexes: invalid ones that nobody builds, duplicates, those that no query uses, and the largest. Locks none of them. */
final class PostgresIndexesExam implements PostgresExam {
    private static final int LARGEST = 5;
    private static final double UNUSED_FROM = 10 * 1024 * 1024;
    private static final int RECENT_DAYS = 30;
    /**
     * Judges closely only what a first look over all indexes picks out: invalid, large, or beside another one of the same table with as many
     * columns and the same first one.
     */
    private static final String SQL = """
            WITH all_indexes AS MATERIALIZED (
              SELECT i.oid, x.indrelid, x.indkey[0] AS first_column, x.indnatts, x.indisvalid, i.relpages
              FROM pg_index x
                JOIN pg_class i ON i.oid = x.indexrelid
                JOIN pg_namespace n ON n.oid = i.relnamespace
              WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%%'
                AND i.relpersistence <> 't'
                AND x.indrelid NOT IN (SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass
                                       AND classid = 'pg_class'::regclass AND deptype = 'e')),
            chosen AS MATERIALIZED (
              SELECT oid FROM all_indexes WHERE NOT indisvalid OR relpages::float8 * current_setting('block_size')::int >= %1$d
              UNION (SELECT oid FROM all_indexes ORDER BY relpages DESC, oid LIMIT %3$d)
              UNION SELECT unnest(array_agg(oid)) FROM all_indexes
                GROUP BY indrelid, first_column, indnatts HAVING count(*) > 1),
            looked_at AS (
              SELECT n.nspname, t.relname AS tablename, i.relname, x.indisvalid, i.relkind,
                i.relpages::float8 * current_setting('block_size')::int AS bytes,
                x.indexrelid IN (SELECT index_relid FROM pg_stat_progress_create_index) AS building,
                NOT x.indisunique AND NOT x.indisreplident AND i.relkind = 'i' AND NOT i.relispartition
                  AND i.relpages::float8 * current_setting('block_size')::int >= %1$d AND %2$s AS unused,
                count(*) OVER same AS equals, row_number() OVER (same ORDER BY x.indisprimary DESC, x.indisvalid DESC,
                  x.indisunique DESC, x.indisreplident DESC, i.oid) AS place,
                first_value(i.relname) OVER (same ORDER BY x.indisprimary DESC, x.indisvalid DESC,
                  x.indisunique DESC, x.indisreplident DESC, i.oid) AS twin,
                x.indisprimary OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = x.indrelid AND k.conindid = i.oid
                                          AND k.contype IN ('p', 'u', 'x')) AS of_constraint,
                row_number() OVER (ORDER BY i.relpages DESC, i.oid) AS rank
              FROM pg_index x
                JOIN pg_class i ON i.oid = x.indexrelid
                JOIN pg_class t ON t.oid = x.indrelid
                JOIN pg_namespace n ON n.oid = i.relnamespace
              WHERE x.indexrelid = ANY (ARRAY(SELECT oid FROM chosen))
              WINDOW same AS (PARTITION BY x.indrelid, i.relam, x.indkey::text, x.indclass::text, x.indcollation::text,
                x.indoption::text, x.indnkeyatts, regexp_replace(x.indexprs::text, ':location -?\\d+', '', 'g'),
                regexp_replace(x.indpred::text, ':location -?\\d+', '', 'g')))
            SELECT * FROM looked_at
            WHERE NOT indisvalid OR (equals > 1 AND place > 1 AND NOT of_constraint) OR unused OR rank <= %3$d
            """;

    private static final String NEVER_SCANNED = "pg_stat_get_numscans(i.oid) = 0";
    private static final String NOT_SCANNED_LATELY =
            "coalesce(pg_stat_get_lastscan(i.oid), '-infinity') < now() - interval '" + RECENT_DAYS + " days'";

    private final HealthMemory memory;

    PostgresIndexesExam(HealthMemory memory) {
        this.memory = memory;
    }

    @Override
    public String subject() {
        return "indexes";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        List.of(INVALID_INDEX, DUPLICATE_INDEX, UNUSED_INDEX).forEach(examination::looked);
        Map<String, RelationName> invalid = new LinkedHashMap<>();
        String sql =
                SQL.formatted((long) UNUSED_FROM, server.isAtLeast(16) ? NOT_SCANNED_LATELY : NEVER_SCANNED, LARGEST);
        session.each(sql, row -> index(row, invalid, examination));
        session.release();
        Map<String, Duration> ages = memory.since(server.database(), "invalid index", invalid.keySet(), server.now());
        invalid.forEach((text, name) -> invalid(name, ages.getOrDefault(text, Duration.ZERO), examination));
    }

    private static void index(ResultSet row, Map<String, RelationName> invalid, Examination examination)
            throws SQLException {
        RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
        double bytes = row.getDouble("bytes");
        if (row.getInt("rank") <= LARGEST) {
            examination.measure(Measurement.gauge("index_size", "bytes", bytes, Map.of("index", name.text())));
        }
        if (!row.getBoolean("indisvalid")) {
            if (!row.getBoolean("building") && row.getString("relkind").equals("i")) {
                invalid.put(name.text(), name);
            }
            return;
        }
        if (row.getInt("equals") > 1 && row.getInt("place") > 1 && !row.getBoolean("of_constraint")) {
            String advice = "It is the same as index " + row.getString("twin")
                    + ". Drop one of them: DROP INDEX CONCURRENTLY " + name.sql() + ".";
            informOrJudge(DUPLICATE_INDEX, name, bytes, advice, examination);
        } else if (row.getBoolean("unused") && bytes >= UNUSED_FROM) {
            String advice = "No query has used it of late on this server. Check the standbys too, then: DROP INDEX"
                    + " CONCURRENTLY " + name.sql() + ".";
            informOrJudge(UNUSED_INDEX, name, bytes, advice, examination);
        }
    }

    private static void informOrJudge(
            CheckRule rule, RelationName name, double bytes, String advice, Examination examination) {
        if (examination.thresholds().of(rule, name.text()).severityOf(bytes).isPresent()) {
            examination.judge(rule, name.text(), bytes, () -> advice);
        } else {
            examination.inform(rule, name.text(), Unit.BYTES.say(bytes), advice);
        }
    }

    private static void invalid(RelationName name, Duration age, Examination examination) {
        String advice =
                "A build of it failed or was broken off; it costs writes and helps no query. Run task reindex on index "
                        + name.text() + ", or: DROP INDEX CONCURRENTLY " + name.sql() + ".";
        double seconds = age.toMillis() / 1000.0;
        if (examination
                .thresholds()
                .of(INVALID_INDEX, name.text())
                .severityOf(seconds)
                .isPresent()) {
            examination.judge(INVALID_INDEX, name.text(), seconds, () -> advice);
        } else {
            examination.inform(INVALID_INDEX, name.text(), "seen for " + Unit.SECONDS.say(seconds), advice);
        }
    }
}
