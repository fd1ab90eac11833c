package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Sequences near their end, or near the end of the integer column that they feed. Sequences that cycle are left out. */
final class PostgresKeysExam implements PostgresExam {
    private static final String SQL = """
            SELECT n.nspname, c.relname, f.schema, f.tablename, f.attname, f.type,
              CASE WHEN c.relkind = 'S' THEN pg_sequence_last_value(c.oid) END::float8 AS last,
              CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END::float8 AS first,
              CASE WHEN s.seqincrement > 0
                THEN least(s.seqmax, CASE f.type WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647
                                     ELSE s.seqmax END)
                ELSE s.seqmin END::float8 AS most
            FROM pg_sequence s
              JOIN pg_class c ON c.oid = s.seqrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN LATERAL (
                SELECT tn.nspname AS schema, t.relname AS tablename, a.attname, format_type(a.atttypid, NULL) AS type
                FROM (SELECT d.refobjid AS tab, d.refobjsubid AS col FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                      UNION ALL
                      SELECT ad.adrelid, ad.adnum FROM pg_depend d JOIN pg_attrdef ad ON ad.oid = d.objid
                      WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjid = c.oid) o
                  JOIN pg_class t ON t.oid = o.tab
                  JOIN pg_namespace tn ON tn.oid = t.relnamespace
                  JOIN pg_attribute a ON a.attrelid = o.tab AND a.attnum = o.col
                ORDER BY CASE a.atttypid WHEN 'int2'::regtype THEN 1 WHEN 'int4'::regtype THEN 2 ELSE 3 END
                LIMIT 1) f ON true
            WHERE NOT s.seqcycle AND c.relpersistence <> 't' AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, USAGE') ELSE false END
              AND NOT (pg_is_in_recovery() AND c.relpersistence = 'u')
            """;
    private static final double TOLD_FROM = 0.01;

    @Override
    public String subject() {
        return "sequences and keys";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        examination.looked(SEQUENCE_USED);
        session.each(SQL, row -> sequence(row, examination));
        session.release();
    }

    private static void sequence(ResultSet row, Examination examination) throws SQLException {
        double last = row.getDouble("last");
        if (row.wasNull()) {
            return;
        }
        double first = row.getDouble("first");
        double used = (last - first) / (row.getDouble("most") - first);
        if (!(used >= TOLD_FROM)) {
            return;
        }
        RelationName sequence = new RelationName(row.getString("nspname"), row.getString("relname"));
        String table = row.getString("tablename");
        String advice = table == null
                ? "ALTER SEQUENCE " + sequence.sql() + " with a larger MAXVALUE or type."
                : "It feeds column " + row.getString("attname") + " (" + row.getString("type") + ") of table "
                        + new RelationName(row.getString("schema"), table).text()
                        + ". Move the column, what refers to it and the sequence to bigint before inserts fail.";
        examination.judge(SEQUENCE_USED, sequence.text(), used, () -> advice);
    }
}
