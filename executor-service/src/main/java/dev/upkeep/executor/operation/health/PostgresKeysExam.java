package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Sequences near their end, or near the end of the integer column that they feed. Sequences that cycle are left out. */
final class PostgresKeysExam implements PostgresExam {
    /** Looks up only for sequences that would be too far if the column were the smallest there is what column they feed. */
    private static final String SQL = """
            WITH sequences AS MATERIALIZED (
              SELECT s.seqrelid AS seq, s.seqincrement, s.seqmin, s.seqmax, pg_sequence_last_value(s.seqrelid)::float8 AS last
              FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
              WHERE NOT s.seqcycle AND c.relpersistence <> 't' AND NOT (pg_is_in_recovery() AND c.relpersistence = 'u')
                AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, USAGE') ELSE false END),
            far AS MATERIALIZED (
              SELECT q.*, CASE WHEN seqincrement > 0 THEN seqmin ELSE seqmax END::float8 AS first
              FROM sequences q
              WHERE CASE WHEN seqincrement > 0 THEN last - seqmin ELSE seqmax - last END
                >= ? * CASE WHEN seqincrement > 0 THEN least(seqmax, 32767)::float8 - seqmin ELSE seqmax::float8 - seqmin END),
            feeds AS (
              SELECT d.objid AS seq, d.refobjid AS tab, d.refobjsubid AS col FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                AND d.objid = ANY (ARRAY(SELECT seq FROM far))
              UNION ALL
              SELECT d.refobjid, ad.adrelid, ad.adnum FROM pg_depend d JOIN pg_attrdef ad ON ad.oid = d.objid
              WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid = ANY (ARRAY(SELECT seq FROM far))),
            narrowest AS (
              SELECT DISTINCT ON (f.seq) f.seq, f.tab, a.attname, a.atttypid
              FROM feeds f JOIN pg_attribute a ON a.attrelid = f.tab AND a.attnum = f.col
              ORDER BY f.seq, CASE a.atttypid WHEN 'int2'::regtype THEN 1 WHEN 'int4'::regtype THEN 2 ELSE 3 END),
            bounds AS (
              SELECT q.seq, q.last, q.first, k.tab, k.attname, k.atttypid, CASE WHEN seqincrement > 0
                  THEN least(seqmax, CASE atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                                     ELSE seqmax END)
                  ELSE seqmin END::float8 AS most
              FROM far q LEFT JOIN narrowest k ON k.seq = q.seq)
            SELECT n.nspname, c.relname, tn.nspname AS schema, t.relname AS tablename, b.attname,
              format_type(b.atttypid, NULL) AS type, b.last, b.first, b.most
            FROM bounds b
              JOIN pg_class c ON c.oid = b.seq
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_class t ON t.oid = b.tab
              LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
            WHERE (b.last - b.first) / nullif(b.most - b.first, 0) >= ?
            """;

    @Override
    public String subject() {
        return "sequences and keys";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        examination.looked(SEQUENCE_USED);
        Optional<Double> least = examination.thresholds().mildest(SEQUENCE_USED);
        if (least.isPresent()) {
            session.each(SQL, row -> sequence(row, examination), least.get(), least.get());
            session.release();
        }
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
