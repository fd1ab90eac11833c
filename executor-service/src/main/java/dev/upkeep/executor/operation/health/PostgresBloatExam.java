package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.IndexBloat;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.SQLException;

/**
 * Estimates the empty space in tables and B-tree indexes from the planner's statistics, without reading them: rows times
 * their average width against the pages there are. Only for those large enough to be a finding, as the estimate costs more than
 * the other checks. What was never analyzed is left out.
 */
final class PostgresBloatExam implements PostgresExam {
    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.relpages::float8 AS pages,
              ceil(c.reltuples / greatest(1, floor((%1$d - 24) * coalesce(substring(
                array_to_string(c.reloptions, ',') FROM 'fillfactor=(\\d+)')::float8, 100) / 100 / (28 + 8 * ceil(w.width / 8))))) AS needed
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
              LATERAL (SELECT sum((1 - s.null_frac) * s.avg_width) AS width, count(*) AS known
                       FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited) w
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.reltuples >= 0
              AND c.relpages * %1$d::float8 >= ? AND w.known > 0
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%%'
            """;

    @Override
    public String subject() {
        return "bloat";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        estimate(TABLES, TABLE_BLOAT, TABLE_BLOAT_SIZE, session, server, examination);
        estimate(IndexBloat.SQL, INDEX_BLOAT, INDEX_BLOAT_SIZE, session, server, examination);
        session.release();
    }

    private static void estimate(
            String sql,
            CheckRule rule,
            CheckRule floor,
            PostgresSession session,
            PostgresServer server,
            Examination examination)
            throws SQLException {
        examination.looked(rule);
        double least = examination.thresholds().mildest(floor).orElse(0.0);
        boolean tables = rule.equals(TABLE_BLOAT);
        session.each(
                sql.formatted(server.pageSize()),
                row -> {
                    RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
                    double pages = row.getDouble("pages");
                    double empty = Math.max(0, pages - row.getDouble("needed"));
                    examination.judge(
                            rule,
                            floor,
                            name.text(),
                            pages == 0 ? 0 : empty / pages,
                            empty * server.pageSize(),
                            () -> tables ? tableAdvice(name) : indexAdvice(name));
                },
                least);
    }

    private static String tableAdvice(RelationName name) {
        return "New rows will fill the space, if there are any. To give it back: task vacuum with mode full on table "
                + name.text() + " in a quiet hour (it locks the table), or pg_repack.";
    }

    private static String indexAdvice(RelationName name) {
        return "Run task reindex on index " + name.text() + "; it does not stop readers or writers.";
    }
}
