package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sequences near their end, or near the end of the integer column that they feed. Sequences that cycle are left out.
 *
 * <p>The server opens and locks each sequence to tell its value, which makes this the dearest check where there are many. So they are
 * read in portions, whose locks are gone before the next, and one that has over a billion values left is read again only after
 * {@link HealthMemory#FAR_FOR}: it would have to give 280,000 a second until then.
 */
final class PostgresKeysExam implements PostgresExam {
    private static final int PORTION = 2_000;

    /**
     * Always gives a row, if only with where this portion ends. Looks up only for sequences that would be too far if the column were the
     * smallest there is what column they feed. Parameters: read those beyond this object id, read these as well, and the limit twice.
     */
    private static final String SQL = """
            WITH portion AS MATERIALIZED (
              SELECT seqrelid FROM pg_sequence WHERE seqrelid > ?::int8::oid ORDER BY seqrelid LIMIT %d),
            sequences AS MATERIALIZED (
              SELECT s.seqrelid AS seq, s.seqincrement, s.seqmin, s.seqmax,
                CASE WHEN has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
                  THEN pg_sequence_last_value(s.seqrelid) END::float8 AS last
              FROM (SELECT seqrelid FROM portion UNION ALL SELECT unnest(?::oid[])) d
                JOIN pg_sequence s ON s.seqrelid = d.seqrelid
                JOIN pg_class c ON c.oid = s.seqrelid
              WHERE NOT s.seqcycle AND c.relpersistence <> 't' AND NOT (pg_is_in_recovery() AND c.relpersistence = 'u')),
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
              FROM far q LEFT JOIN narrowest k ON k.seq = q.seq),
            found AS (
              SELECT b.seq, n.nspname, c.relname, tn.nspname AS schema, t.relname AS tablename, b.attname,
                format_type(b.atttypid, NULL) AS type, b.last, b.first, b.most
              FROM bounds b
                JOIN pg_class c ON c.oid = b.seq
                JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_class t ON t.oid = b.tab
                LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
              WHERE (b.last - b.first) / nullif(b.most - b.first, 0) >= ?)
            SELECT f.*, f.seq::int8 AS id, p.count, p.newest, q.near
            FROM (SELECT count(*) AS count, max(seqrelid)::int8 AS newest FROM portion) p
              CROSS JOIN (SELECT array_agg(seq::int8) AS near FROM sequences
                WHERE CASE WHEN seqincrement > 0
                  THEN CASE WHEN last > 2147483647 THEN seqmax ELSE least(seqmax, 2147483647) END::float8 - coalesce(last, seqmin)
                  ELSE coalesce(last, seqmax) - seqmin END < 1e9 * abs(seqincrement::float8)) q
              LEFT JOIN found f ON true
            """.formatted(PORTION);

    private final HealthMemory memory;

    PostgresKeysExam(HealthMemory memory) {
        this.memory = memory;
    }

    /** What one portion brought. */
    private static final class Portion {
        private final Set<Long> near = new HashSet<>();
        private long newest;
        private int count;
    }

    @Override
    public String subject() {
        return "sequences and keys";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        examination.looked(SEQUENCE_USED);
        Optional<Double> limit = examination.thresholds().mildest(SEQUENCE_USED);
        if (limit.isEmpty()) {
            return;
        }
        Optional<HealthMemory.Sequences> known = memory.sequences(server.database(), limit.get(), server.now());
        Set<Long> near = new HashSet<>();
        Set<Long> again = known.map(HealthMemory.Sequences::near).orElse(Set.of());
        long newest = known.map(HealthMemory.Sequences::newest).orElse(0L);
        Portion portion;
        do {
            portion = read(session, newest, again, limit.get(), examination);
            session.release();
            near.addAll(portion.near);
            newest = Math.max(newest, portion.newest);
            again = Set.of();
        } while (portion.count == PORTION);
        memory.remember(
                server.database(),
                new HealthMemory.Sequences(
                        known.map(HealthMemory.Sequences::readAt).orElse(server.now()), limit.get(), newest, near));
    }

    private static Portion read(
            PostgresSession session, long beyond, Set<Long> again, double limit, Examination examination)
            throws SQLException {
        Portion portion = new Portion();
        session.each(
                SQL,
                row -> {
                    portion.count = row.getInt("count");
                    portion.newest = row.getLong("newest");
                    Array near = row.getArray("near");
                    if (near != null) {
                        portion.near.addAll(Set.of((Long[]) near.getArray()));
                    }
                    if (row.getString("relname") != null) {
                        portion.near.add(row.getLong("id"));
                        sequence(row, examination);
                    }
                },
                beyond,
                again.stream().map(Object::toString).collect(Collectors.joining(",", "{", "}")),
                limit,
                limit);
        return portion;
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
