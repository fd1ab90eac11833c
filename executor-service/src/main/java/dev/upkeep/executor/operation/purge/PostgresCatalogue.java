package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks tables and references up in PostgreSQL's catalogue. Names come back as the catalogue has them, quoted by the server. */
final class PostgresCatalogue {
    private static final String TABLE = """
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relispartition, c.relhassubclass,
                   c.reltuples::bigint AS rows, c.oid::regclass::text AS sql, parts.*,
                   CASE c.relkind WHEN 'p' THEN (SELECT coalesce(sum(pg_relation_size(t.relid)), 0)::bigint
                                                 FROM pg_partition_tree(c.oid) t WHERE t.isleaf)
                        WHEN 'r' THEN pg_relation_size(c.oid) ELSE 0 END AS bytes
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (
              SELECT bool_or(row_security_active(m.oid)) AS secured,
                     bool_and(has_table_privilege(m.oid, 'SELECT') AND has_table_privilege(m.oid, 'DELETE')) AS permitted,
                     bool_or(EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = m.oid AND r.ev_type = '4')) AS ruled
              FROM (SELECT c.oid UNION SELECT relid::oid FROM pg_partition_tree(c.oid)) m(oid)) parts
            WHERE n.nspname = ? AND c.relname = ?
            """;
    private static final String COLUMNS = """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attgenerated <> '' AS generated
            FROM pg_attribute a WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """;
    private static final String INDEXES = """
            SELECT x.relname, i.indisprimary, i.indisunique, to_json(ARRAY(
                     SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
                     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
                     WHERE k.place <= i.indnkeyatts ORDER BY k.place))::text AS columns,
                   to_json(ARRAY(SELECT a.attname::text FROM pg_partitioned_table q, unnest(q.partattrs::int2[]) k(attnum)
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                     WHERE q.partrelid = i.indrelid))::text AS partitioning
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
            WHERE i.indrelid = ? AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree' ORDER BY 1
            """;
    private static final String TRIGGERS = """
            SELECT DISTINCT tgname FROM pg_trigger
            WHERE tgrelid IN (SELECT ?::oid UNION SELECT relid::oid FROM pg_partition_tree(?::oid))
              AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 8 <> 0 ORDER BY 1
            """;
    private static final String LINKS = """
            SELECT con.conname, cn.nspname AS child_schema, c.relname AS child, con.confdeltype,
                   con.confrelid::regclass::text AS referred, con.confrelid = ? AS direct,
                   to_json(ARRAY(SELECT a.attname::text FROM unnest(con.conkey) WITH ORDINALITY k(attnum, place)
                     JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum ORDER BY k.place))::text AS columns,
                   to_json(ARRAY(SELECT a.attname::text FROM unnest(con.confkey) WITH ORDINALITY k(attnum, place)
                     JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum ORDER BY k.place))::text AS parent_columns
            FROM pg_constraint con
            JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
            WHERE con.contype = 'f' AND con.conparentid = 0
              AND con.confrelid IN (SELECT ?::oid UNION SELECT relid::oid FROM pg_partition_tree(?::oid)) ORDER BY 2, 3, 1
            """;
    private static final String TYPE = """
            WITH RECURSIVE t AS (
              SELECT y.oid, y.typname, y.typnamespace, y.typtype, y.typbasetype, a.attcollation
              FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = ? AND a.attname = ?
              UNION ALL SELECT y.oid, y.typname, y.typnamespace, y.typtype, y.typbasetype, t.attcollation
              FROM t JOIN pg_type y ON y.oid = t.typbasetype)
            SELECT n.nspname, t.typname, t.typtype, format_type(t.oid, -1), t.attcollation::bigint,
                   coalesce(l.collisdeterministic, true)
            FROM t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_collation l ON l.oid = t.attcollation
            WHERE t.typbasetype = 0
            """;
    private static final long COUNTED = 1_000_000;

    private final Connection connection;
    private final Map<TableName, Entry> known = new HashMap<>();

    /** What the catalogue says of a table beyond what the plan needs. */
    record Entry(Table table, long oid, boolean isPartitioned, long bytes) {}

    PostgresCatalogue(Connection connection) {
        this.connection = connection;
    }

    Entry entry(TableName written) throws SQLException {
        TableName name = written.schema().isPresent() ? written : new TableName(Optional.of("public"), written.table());
        Entry entry = known.get(name);
        if (entry == null) {
            entry = read(name);
            known.put(name, entry);
        }
        return entry;
    }

    private Entry read(TableName name) throws SQLException {
        String schema = name.schema().orElseThrow();
        if (schema.startsWith("pg_") || schema.equals("information_schema")) {
            throw new Refused(Code.GUARDRAIL, "table: " + name + " (the schemas of the system are never purged)");
        }
        try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
            statement.setString(1, schema);
            statement.setString(2, name.table());
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new Refused(
                            Code.NO_SUCH_TABLE,
                            "table: " + name + " (is not in this database; names are case-sensitive)");
                }
                refuse(name, rows);
                long oid = rows.getLong("oid");
                String sql = rows.getString("sql");
                long estimate = rows.getLong("rows");
                boolean isPartitioned = rows.getString("relkind").equals("p");
                List<Table.Index> indexes = new ArrayList<>();
                List<Set<String>> unique = new ArrayList<>();
                List<String> key = indexes(oid, indexes, unique);
                Table table = new Table(
                        name,
                        sql,
                        columns(oid),
                        key,
                        indexes,
                        unique,
                        estimate > 0 ? estimate : counted(sql),
                        names(TRIGGERS, oid));
                return new Entry(table, oid, isPartitioned, rows.getLong("bytes"));
            }
        }
    }

    private static void refuse(TableName name, ResultSet rows) throws SQLException {
        String kind = rows.getString("relkind");
        if (!kind.equals("r") && !kind.equals("p")) {
            throw new Refused(
                    Code.UNSUPPORTED,
                    "table: " + name + " (is a " + kindName(kind)
                            + "; only ordinary and partitioned tables are purged)");
        }
        if (rows.getString("relpersistence").equals("t")) {
            throw new Refused(Code.UNSUPPORTED, "table: " + name + " (is temporary)");
        }
        if (rows.getBoolean("relispartition")) {
            throw new Refused(Code.UNSUPPORTED, "table: " + name + " (is a partition; name the partitioned table)");
        }
        if (kind.equals("r") && rows.getBoolean("relhassubclass")) {
            throw new Refused(Code.UNSUPPORTED, "table: " + name + " (other tables inherit from it)");
        }
        if (rows.getBoolean("secured")) {
            throw new Refused(
                    Code.PERMISSION_DENIED,
                    "table: " + name + " (row level security hides rows from this role; grant it BYPASSRLS)");
        }
        if (rows.getBoolean("ruled")) {
            throw new Refused(Code.UNSUPPORTED, "table: " + name + " (has a rule on delete)");
        }
        if (!rows.getBoolean("permitted")) {
            throw new Refused(
                    Code.PERMISSION_DENIED, "table: " + name + " (this role lacks the right to select and delete)");
        }
    }

    private static String kindName(String kind) {
        return switch (kind) {
            case "v" -> "view";
            case "m" -> "materialised view";
            case "f" -> "foreign table";
            case "S" -> "sequence";
            case "i", "I" -> "index";
            case "c" -> "composite type";
            default -> "relation of kind " + kind;
        };
    }

    private List<Table.Column> columns(long oid) throws SQLException {
        List<Table.Column> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(new Table.Column(
                            rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getBoolean(4)));
                }
            }
        }
        return columns;
    }

    private List<String> indexes(long oid, List<Table.Index> indexes, List<Set<String>> unique) throws SQLException {
        List<String> key = List.of();
        try (PreparedStatement statement = connection.prepareStatement(INDEXES)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    List<String> columns = list(rows.getString("columns"));
                    int plain = columns.contains("") ? columns.indexOf("") : columns.size();
                    indexes.add(new Table.Index(rows.getString("relname"), columns.subList(0, plain)));
                    if (rows.getBoolean("indisprimary")) {
                        key = columns;
                    }
                    if (rows.getBoolean("indisunique") && !columns.contains("")) {
                        Set<String> naming = new HashSet<>(columns);
                        naming.removeAll(list(rows.getString("partitioning")));
                        unique.add(naming);
                    }
                }
            }
        }
        return key;
    }

    private List<String> names(String sql, long oid) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, oid);
            statement.setLong(2, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    /** A table that was never analysed has no estimate: counted, but not for ever. */
    private long counted(String sql) throws SQLException {
        String limited = "SELECT count(*) FROM (SELECT FROM " + sql + " LIMIT " + COUNTED + ") counted";
        try (PreparedStatement statement = connection.prepareStatement(limited);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    List<Link> links(Table parent) throws SQLException {
        List<Link> links = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(LINKS)) {
            long oid = entry(parent.name()).oid();
            statement.setLong(1, oid);
            statement.setLong(2, oid);
            statement.setLong(3, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    links.add(link(parent, rows));
                }
            }
        }
        return links;
    }

    private static Link link(Table parent, ResultSet rows) throws SQLException {
        String child = rows.getString("child_schema") + "." + rows.getString("child");
        if (!rows.getBoolean("direct")) {
            throw new Refused(
                    Code.UNSUPPORTED,
                    "path: " + parent.name() + " <- " + child + " (its constraint " + rows.getString("conname")
                            + " refers to the single partition " + rows.getString("referred")
                            + "; let it refer to the table)");
        }
        return new Link(
                rows.getString("conname"),
                child(parent, rows, child),
                list(rows.getString("columns")),
                parent.name(),
                list(rows.getString("parent_columns")),
                onDelete(rows.getString("confdeltype")));
    }

    private static TableName child(Table parent, ResultSet rows, String written) throws SQLException {
        try {
            return new TableName(Optional.of(rows.getString("child_schema")), rows.getString("child"));
        } catch (InvalidValue e) {
            throw new Refused(
                    Code.UNSUPPORTED,
                    "path: " + parent.name() + " <- " + written + " (a name that Upkeep cannot write: " + e.getMessage()
                            + ")");
        }
    }

    /** What a column's values are, and by which rules they compare. */
    PostgresType type(TableName table, String column) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TYPE)) {
            statement.setLong(1, entry(table).oid());
            statement.setString(2, column);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new Refused(Code.NO_SUCH_COLUMN, "column: " + column + " (is not in table " + table + ")");
                }
                return new PostgresType(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3).equals("b"),
                        row.getString(4),
                        new PostgresType.Collation(row.getLong(5), row.getBoolean(6)));
            }
        }
    }

    private static Link.OnDelete onDelete(String type) {
        return switch (type) {
            case "r" -> Link.OnDelete.RESTRICT;
            case "c" -> Link.OnDelete.CASCADE;
            case "n" -> Link.OnDelete.SET_NULL;
            case "d" -> Link.OnDelete.SET_DEFAULT;
            default -> Link.OnDelete.NO_ACTION;
        };
    }

    private static List<String> list(String json) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : Wire.readTree(json.getBytes(StandardCharsets.UTF_8))) {
            texts.add(text.asText());
        }
        return List.copyOf(texts);
    }
}
