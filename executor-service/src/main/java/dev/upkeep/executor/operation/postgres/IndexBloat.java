package dev.upkeep.executor.operation.postgres;

/**
 * The estimate of empty space in B-tree indexes, from the planner's statistics: entries times their average width against the pages
 * there are. Partial indexes and those that were never analyzed are left out; deduplication makes real indexes smaller than the
 * estimate, never larger.
 */
public final class IndexBloat {
    /**
     * Takes the page size by {@link String#formatted} and one parameter, the least size in bytes; gives nspname, relname, oid,
     * table_oid, tablename, pages and needed.
     */
    public static final String SQL = """
            SELECT n.nspname, i.relname, i.oid::int8 AS oid, t.oid::int8 AS table_oid, t.relname AS tablename, i.relpages::float8 AS pages,
              1 + ceil(i.reltuples * (12 + 8 * ceil(w.width / 8)) / ((%1$d - 40) * coalesce(substring(
                array_to_string(i.reloptions, ',') FROM 'fillfactor=(\\d+)')::float8, 90) / 100)) AS needed
            FROM pg_index x
              JOIN pg_class i ON i.oid = x.indexrelid
              JOIN pg_class t ON t.oid = x.indrelid
              JOIN pg_namespace n ON n.oid = t.relnamespace
              JOIN pg_am m ON m.oid = i.relam,
              LATERAL (SELECT sum((1 - s.null_frac) * s.avg_width) AS width, count(*) AS known
                       FROM generate_subscripts(x.indkey, 1) k
                         LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[k] AND x.indkey[k] > 0
                         JOIN pg_stats s ON s.schemaname = n.nspname AND NOT s.inherited
                           AND ((x.indkey[k] > 0 AND s.tablename = t.relname AND s.attname = a.attname)
                             OR (x.indkey[k] = 0 AND s.tablename = i.relname
                                 AND s.attname = pg_get_indexdef(i.oid, k + 1, true)))) w
            WHERE m.amname = 'btree' AND i.relkind = 'i' AND i.relpersistence <> 't' AND x.indisvalid AND i.reltuples >= 0
              AND i.relpages * %1$d::float8 >= ? AND w.known = x.indnatts AND x.indpred IS NULL
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%%'
            """;

    private IndexBloat() {}
}
