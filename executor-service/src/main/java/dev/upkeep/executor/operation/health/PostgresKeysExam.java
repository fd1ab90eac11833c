package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Sequences near their end, or near the end of the integer column that they feed. Sequences that cycle are left out. */
final class PostgresKeysExam implements PostgresExam {
    private static final String SQL = """
            WITH feeds AS (
              SELECT d.objid AS seq, d.refobjid AS tab, d.refobjsubid AS col FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                AND d.objid IN (SELECT seqrelid FROM pg_sequence)
              UNION ALL
              SELECT d.refobjid, ad.adrelid, ad.adnum FROM pg_depend d JOIN pg_attrdef ad ON ad.oid = d.objid
              WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid IN (SELECT seqrelid FROM pg_sequence)),
            narrowest AS (
              SELECT DISTINCT ON (f.seq) f.seq, f.tab, a.attname, a.atttypid
              FROM feeds f JOIN pg_attribute a ON a.attrelid = f.tab AND a.attnum = f.col
              ORDER BY f.seq, CASE a.atttypid WHEN 'int2'::regtype THEN 1 WHEN 'int4'::regtype THEN 2 ELSE 3 END),
            sequences AS MATERIALIZED (
              SELECT c.oid, c.relname, c.relnamespace, s.seqincrement, s.seqmin, s.seqmax, k.tab, k.attname, k.atttypid,
                pg_sequence_last_value(c.oid)::float8 AS last
              FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid LEFT JOIN narrowest k ON k.seq = c.oid
              WHERE NOT s.seqcycle AND c.relpersistence <> 't' AND NOT (pg_is_in_recovery() AND c.relpersistence = 'u')
                AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, USAGE') ELSE false END),
            bounds AS (
              SELECT q.*, CASE WHEN seqincrement > 0 THEN seqmin ELSE seqmax END::float8 AS first,
                CASE WHEN seqincrement > 0
                  THEN least(seqmax, CASE atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                                     ELSE seqmax END)
                  ELSE seqmin END::float8 AS most
              FROM sequences q WHERE last IS NOT NULL)
            SELECT n.nspname, b.relname, tn.nspname AS schema, t.relname AS tablename, b.attname,
              format_type(b.atttypid, NULL) AS type, b.last, b.first, b.most
            FROM bounds b
              JOIN pg_namespace n ON n.oid = b.relnamespace
              LEFT JOIN pg_class t ON t.oid = b.tab
              LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
            WHERE (b.last - b.first) / nullif(b.most - b.first, 0) >= 0.01
            """;

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
        double first = row.getDouble("first");
        double used = (row.getDouble("last") - first) / (row.getDouble("most") - first);
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
