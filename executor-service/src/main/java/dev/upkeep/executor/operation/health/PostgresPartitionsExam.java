package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.SQLException;
import java.util.Map;

/** Tables partitioned by time ranges: how much future their partitions cover. */
final class PostgresPartitionsExam implements PostgresExam {
    private static final String SQL = """
            SELECT nspname, relname, extract(epoch FROM max(upper_bound) - now()) AS ahead,
              (array_agg(extract(epoch FROM upper_bound - lower_bound) ORDER BY upper_bound DESC))[1] AS length,
              bool_or(bound = 'DEFAULT') AS has_default
            FROM (
              SELECT nspname, relname, bound,
                CASE WHEN r[1] IS NULL THEN NULL ELSE r[1]::timestamptz END AS lower_bound,
                CASE WHEN r[2] IS NULL THEN NULL ELSE r[2]::timestamptz END AS upper_bound,
                bound LIKE '%MAXVALUE%' AS endless
              FROM (
                SELECT n.nspname, p.relname, b.bound,
                  regexp_match(b.bound, '^FOR VALUES FROM \\(''([0-9][^'']*)''\\) TO \\(''([0-9][^'']*)''\\)$') AS r
                FROM pg_partitioned_table q
                  JOIN pg_class p ON p.oid = q.partrelid
                  JOIN pg_namespace n ON n.oid = p.relnamespace
                  JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = q.partattrs[0]
                  JOIN pg_inherits h ON h.inhparent = p.oid
                  JOIN pg_class c ON c.oid = h.inhrelid,
                  LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) b
                WHERE q.partstrat = 'r' AND q.partnatts = 1
                  AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
              ) bounds
            ) parsed
            GROUP BY nspname, relname
            HAVING NOT bool_or(endless) AND count(upper_bound) > 0
            """;

    @Override
    public String subject() {
        return "partitions";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        examination.looked(PARTITION_HEADROOM);
        session.each(SQL, row -> {
            String table = new RelationName(row.getString("nspname"), row.getString("relname")).text();
            double ahead = row.getDouble("ahead");
            double length = row.getDouble("length");
            boolean hasDefault = row.getBoolean("has_default");
            examination.measure(Measurement.gauge("partition_headroom", "seconds", ahead, Map.of("table", table)));
            if (length > 0) {
                examination.judge(
                        PARTITION_HEADROOM,
                        table,
                        Math.round(ahead / length * 100) / 100.0,
                        () -> "Create the next partitions with task maintain-partitions: the last one "
                                + (ahead < 0 ? "ended " : "ends in ") + Unit.SECONDS.say(Math.abs(ahead))
                                + (ahead < 0 ? " ago" : "")
                                + (hasDefault
                                        ? ", then rows fall into the default partition."
                                        : ", then inserts fail."));
            }
        });
        session.release();
    }
}
