package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.executor.operation.postgres.IndexBloat;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    /** Parameters: the least size in bytes of a table, and of an index. */
    private static final String LARGE = """
            SELECT array_agg(oid) FILTER (WHERE relkind <> 'i')::text AS tables, array_agg(oid) FILTER (WHERE relkind = 'i')::text AS indexes
            FROM pg_class
            WHERE (relkind IN ('r', 'm') AND relpages * %1$d::float8 >= ?) OR (relkind = 'i' AND relpages * %1$d::float8 >= ?)
            """;

    private record Large(@Nullable String tables, @Nullable String indexes) {}

    @Override
    public String subject() {
        return "bloat";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        examination.looked(TABLE_BLOAT);
        examination.looked(INDEX_BLOAT);
        double table = examination.thresholds().mildest(TABLE_BLOAT_SIZE).orElse(Double.POSITIVE_INFINITY);
        double index = examination.thresholds().mildest(INDEX_BLOAT_SIZE).orElse(Double.POSITIVE_INFINITY);
        Large large = session.first(
                        LARGE.formatted(server.pageSize()),
                        row -> new Large(row.getString("tables"), row.getString("indexes")),
                        table,
                        index)
                .orElseThrow();
        if (large.tables() != null) {
            String sql = TABLES + " AND c.oid = ANY (?::oid[])";
            session.each(
                    sql.formatted(server.pageSize()), row -> table(row, server, examination), table, large.tables());
        }
        if (large.indexes() != null) {
            String sql = IndexBloat.SQL + " AND i.oid = ANY (?::oid[])";
            session.each(
                    sql.formatted(server.pageSize()), row -> index(row, server, examination), index, large.indexes());
        }
        session.release();
    }

    private static void table(ResultSet row, PostgresServer server, Examination examination) throws SQLException {
        RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
        judge(TABLE_BLOAT, TABLE_BLOAT_SIZE, name, row, server, examination, () -> tableAdvice(name));
    }

    private static void index(ResultSet row, PostgresServer server, Examination examination) throws SQLException {
        RelationName name = new RelationName(row.getString("nspname"), row.getString("relname"));
        judge(INDEX_BLOAT, INDEX_BLOAT_SIZE, name, row, server, examination, () -> indexAdvice(name));
    }

    private static void judge(
            CheckRule rule,
            CheckRule floor,
            RelationName name,
            ResultSet row,
            PostgresServer server,
            Examination examination,
            Supplier<String> advice)
            throws SQLException {
        double pages = row.getDouble("pages");
        double empty = Math.max(0, pages - row.getDouble("needed"));
        examination.judge(rule, floor, name.text(), pages == 0 ? 0 : empty / pages, empty * server.pageSize(), advice);
    }

    private static String tableAdvice(RelationName name) {
        return "New rows will fill the space, if there are any. To give it back: task vacuum with mode full on table "
                + name.text() + " in a quiet hour (it locks the table), or pg_repack.";
    }

    private static String indexAdvice(RelationName name) {
        return "Run task reindex on index " + name.text() + "; it does not stop readers or writers.";
    }
}
