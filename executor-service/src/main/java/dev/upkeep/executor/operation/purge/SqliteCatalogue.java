package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Looks tables and references up in a SQLite file's schema. Names come back as the schema writes them. */
final class SqliteCatalogue {
    private static final Pattern ON_DELETE = Pattern.compile("(?is)\\bDELETE(?:\\s|/\\*.*?\\*/|--[^\\n]*\\n)+ON\\b");
    private static final long COUNTED = 1_000_000;

    private final Connection connection;
    private final Map<TableName, Entry> known = new HashMap<>();

    /**
     * What the schema says of a table beyond what the plan needs.
     *
     * @param identity the columns by which a row is known within a transaction: {@code rowid}, or the primary key
     */
    record Entry(Table table, List<String> identity, boolean hasRowid) {}

    SqliteCatalogue(Connection connection) {
        this.connection = connection;
    }

    Entry entry(TableName written) throws SQLException {
        TableName name = new TableName(Optional.empty(), written.table());
        if (written.schema().isPresent() && !written.schema().get().equalsIgnoreCase("main")) {
            throw new Refused(Code.NO_SUCH_TABLE, "table: " + written + " (only the file's own tables are purged)");
        }
        Entry entry = known.get(name);
        if (entry == null) {
            entry = read(name);
            known.put(name, entry);
            known.put(entry.table().name(), entry);
        }
        return entry;
    }

    private Entry read(TableName name) throws SQLException {
        if (name.table().toLowerCase(Locale.ROOT).startsWith("sqlite_")) {
            throw new Refused(Code.GUARDRAIL, "table: " + name + " (the tables of the system are never purged)");
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?)")) {
            statement.setString(1, name.table());
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new Refused(Code.NO_SUCH_TABLE, "table: " + name + " (is not in this file)");
                }
                if (!rows.getString("type").equals("table")) {
                    throw new Refused(
                            Code.UNSUPPORTED,
                            "table: " + name + " (is a " + rows.getString("type")
                                    + "; only ordinary tables are purged)");
                }
                return read(rows.getString("name"), rows.getInt("wr") == 0);
            }
        }
    }

    private Entry read(String name, boolean hasRowid) throws SQLException {
        List<Table.Column> columns = new ArrayList<>();
        TreeMap<Integer, String> key = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(new Table.Column(
                            rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getInt(5) >= 2));
                    if (rows.getInt(4) > 0) {
                        key.put(rows.getInt(4), rows.getString(1));
                    }
                }
            }
        }
        List<String> keyColumns = List.copyOf(key.values());
        List<Set<String>> unique = new ArrayList<>();
        if (!keyColumns.isEmpty()) {
            unique.add(Set.copyOf(keyColumns));
        }
        List<Table.Index> indexes = indexes(name, unique);
        if (hasRowid && keyColumns.size() == 1) {
            columns.stream()
                    .filter(column -> column.name().equals(keyColumns.get(0))
                            && column.type().equalsIgnoreCase("INTEGER"))
                    .forEach(column -> indexes.add(new Table.Index("rowid", keyColumns)));
        }
        List<String> identity = hasRowid ? List.of(rowid(columns)) : keyColumns;
        Table table = new Table(
                new TableName(Optional.empty(), name),
                // a temporary table of the session could have the same name
                "main." + quoted(name),
                columns,
                keyColumns,
                indexes,
                unique,
                counted(name),
                triggers(name));
        return new Entry(table, identity, hasRowid);
    }

    private static String rowid(List<Table.Column> columns) {
        return List.of("rowid", "_rowid_", "oid").stream()
                .filter(name ->
                        columns.stream().noneMatch(column -> column.name().equalsIgnoreCase(name)))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        Code.UNSUPPORTED,
                        "table: has columns named rowid, _rowid_ and oid, so its rows cannot be named"));
    }

    private List<Table.Index> indexes(String table, List<Set<String>> unique) throws SQLException {
        Map<String, List<String>> indexes = new TreeMap<>();
        Set<String> naming = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT l.name, x.name, l.\"unique\" FROM pragma_index_list(?) l, pragma_index_xinfo(l.name) x"
                        + " WHERE l.partial = 0 AND x.key = 1 ORDER BY l.name, x.seqno")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String column = rows.getString(2);
                    indexes.computeIfAbsent(rows.getString(1), name -> new ArrayList<>())
                            .add(column == null ? "" : column);
                    if (rows.getBoolean(3)) {
                        naming.add(rows.getString(1));
                    }
                }
            }
        }
        naming.stream()
                .map(indexes::get)
                .filter(columns -> columns != null && !columns.contains(""))
                .forEach(columns -> unique.add(Set.copyOf(columns)));
        List<Table.Index> all = new ArrayList<>();
        indexes.forEach((name, columns) -> all.add(
                new Table.Index(name, columns.contains("") ? columns.subList(0, columns.indexOf("")) : columns)));
        return all;
    }

    private List<String> triggers(String table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?) ORDER BY 1")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (ON_DELETE.matcher(rows.getString(2)).find()) {
                        names.add(rows.getString(1));
                    }
                }
            }
        }
        return names;
    }

    private long counted(String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT count(*) FROM (SELECT 1 FROM main." + quoted(table) + " LIMIT " + COUNTED + ")");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    List<Link> links(Table parent) throws SQLException {
        record Key(String child, int id) {}
        Map<Key, List<String[]>> references = new java.util.LinkedHashMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT t.name, f.id, f.\"from\", f.\"to\", f.on_delete"
                        + " FROM pragma_table_list t, pragma_foreign_key_list(t.name) f WHERE t.schema = 'main' AND"
                        + " t.type = 'table' AND lower(f.\"table\") = lower(?) ORDER BY 1, 2, f.seq")) {
            statement.setString(1, parent.name().table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    references
                            .computeIfAbsent(new Key(rows.getString(1), rows.getInt(2)), key -> new ArrayList<>())
                            .add(new String[] {
                                rows.getString(3),
                                Optional.ofNullable(rows.getString(4)).orElse(""),
                                rows.getString(5)
                            });
                }
            }
        }
        List<Link> links = new ArrayList<>();
        for (Map.Entry<Key, List<String[]>> reference : references.entrySet()) {
            List<String[]> parts = reference.getValue();
            Table child = entry(named(parent, reference.getKey().child())).table();
            List<String> parentColumns = parts.get(0)[1].isEmpty()
                    ? parent.key()
                    : parts.stream().map(part -> spelled(parent, part[1])).toList();
            links.add(new Link(
                    "foreign key " + reference.getKey().id(),
                    child.name(),
                    parts.stream().map(part -> spelled(child, part[0])).toList(),
                    parent.name(),
                    parentColumns,
                    onDelete(parts.get(0)[2])));
        }
        return links;
    }

    private static TableName named(Table parent, String child) {
        try {
            return new TableName(Optional.empty(), child);
        } catch (InvalidValue e) {
            throw new Refused(
                    Code.UNSUPPORTED,
                    "path: " + parent.name() + " <- " + child + " (a name that Upkeep cannot write: " + e.getMessage()
                            + ")");
        }
    }

    private static String spelled(Table table, String column) {
        return table.columns().stream()
                .map(Table.Column::name)
                .filter(name -> name.equalsIgnoreCase(column))
                .findFirst()
                .orElse(column);
    }

    private static Link.OnDelete onDelete(String action) {
        return switch (action.toUpperCase(Locale.ROOT)) {
            case "RESTRICT" -> Link.OnDelete.RESTRICT;
            case "CASCADE" -> Link.OnDelete.CASCADE;
            case "SET NULL" -> Link.OnDelete.SET_NULL;
            case "SET DEFAULT" -> Link.OnDelete.SET_DEFAULT;
            default -> Link.OnDelete.NO_ACTION;
        };
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
