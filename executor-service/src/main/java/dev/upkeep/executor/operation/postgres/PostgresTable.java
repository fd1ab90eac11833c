package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table as the catalogue has it: what an order names is looked up, never put into a statement as it came.
 *
 * @param kind as {@code pg_class.relkind} says: {@code r} ordinary, {@code p} partitioned, {@code m} materialized view
 */
public record PostgresTable(long oid, RelationName name, String kind) {
    /** Tables of the application: no system catalogue, nothing of extensions, nothing temporary; c and n are pg_class and pg_namespace. */
    public static final String OF_APPLICATION = " c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'"
            + " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'"
            + " AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid"
            + " AND e.deptype = 'e') ";

    private static final String SQL =
            "SELECT c.oid::int8 AS oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid ="
                    + " c.relnamespace JOIN unnest(?::text[], ?::text[]) AS o(schema, name) ON o.schema = n.nspname AND"
                    + " o.name = c.relname WHERE" + OF_APPLICATION + "ORDER BY 2, 3";

    /** Whether it only holds partitions. */
    public boolean isPartitioned() {
        return kind.equals("p");
    }

    /**
     * Finds the named tables; without a schema, {@code public} is meant.
     *
     * @throws Failure with {@link Code#NO_SUCH_TABLE} naming those that are not tables of the application
     */
    public static List<PostgresTable> find(PostgresSession session, List<TableName> names) throws SQLException {
        Map<RelationName, TableName> wanted = new LinkedHashMap<>();
        names.forEach(name -> wanted.put(new RelationName(name.schema().orElse("public"), name.table()), name));
        String[] schemas = wanted.keySet().stream().map(RelationName::schema).toArray(String[]::new);
        String[] tables = wanted.keySet().stream().map(RelationName::name).toArray(String[]::new);
        List<PostgresTable> found = session.rows(
                SQL,
                row -> new PostgresTable(
                        row.getLong("oid"),
                        new RelationName(row.getString("nspname"), row.getString("relname")),
                        row.getString("relkind")),
                schemas,
                tables);
        found.forEach(table -> wanted.remove(table.name()));
        if (!wanted.isEmpty()) {
            throw new Failure(
                    Code.NO_SUCH_TABLE,
                    "tables: " + wanted.values().stream().map(TableName::text).collect(Collectors.joining(", "))
                            + " (must be tables of this database, in its own spelling and case; views, foreign, temporary"
                            + " and system tables do not count)");
        }
        return found;
    }

    /** The ids as a parameter of type int8[]. */
    public static Long[] ids(List<PostgresTable> tables) {
        return tables.stream().map(PostgresTable::oid).toArray(Long[]::new);
    }
}
