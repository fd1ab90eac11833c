package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Counts in one statement what a branch would delete: by joins where no table refers to itself, else by recursion. */
final class PostgresCensus {
    private final PostgresSession session;
    private final Branch branch;
    private final List<TableName> tables;
    private Optional<Long> roots = Optional.empty();

    PostgresCensus(PostgresSession session, Branch branch) {
        this.session = session;
        this.branch = branch;
        this.tables = branch.order().stream()
                .flatMap(group -> group.tables().stream())
                .toList();
    }

    /** Counts the root's rows, and with them, at no further cost, those that are stale. */
    long total() throws SQLException {
        Sql all = branch.age().all();
        try (PreparedStatement statement = session.prepared(
                        "SELECT count(*), count(*) FILTER (WHERE " + all.text() + ") FROM "
                                + branch.root().sql(),
                        all.values());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            roots = Optional.of(rows.getLong(2));
            return rows.getLong(1);
        }
    }

    /** By one statement where tables are reached by several links; else table by table, for which the server can use several processes. */
    Map<TableName, Long> counts() throws SQLException {
        if (branch.hasCycle()) {
            return recursive();
        }
        boolean isTree = tables.stream()
                .allMatch(table -> branch.links().stream()
                                .filter(link -> link.child().equals(table))
                                .count()
                        <= 1);
        return isTree ? singly() : joined();
    }

    private Map<TableName, Long> singly() throws SQLException {
        Map<TableName, Long> counts = new LinkedHashMap<>();
        for (TableName table : tables) {
            if (table.equals(branch.root().name()) && roots.isPresent()) {
                counts.put(table, roots.get());
                continue;
            }
            counts.put(
                    table,
                    Long.parseLong(session.first(new Sql(
                                    "SELECT count(*) FROM " + doomed(table),
                                    branch.age().all().values()))
                            .orElseThrow()));
        }
        return counts;
    }

    /** A table's doomed rows, as what follows FROM; the same snapshot makes the counts fit each other. */
    private String doomed(TableName table) {
        String from = branch.table(table).sql() + " WHERE ";
        return branch.links().stream()
                .filter(link -> link.child().equals(table))
                .findFirst()
                .map(link -> from + "(" + list(link.columns()) + ") IN (SELECT " + list(link.parentColumns()) + " FROM "
                        + doomed(link.parent()) + ")")
                .orElseGet(() -> from + branch.age().all().text());
    }

    private Map<TableName, Long> joined() throws SQLException {
        Map<TableName, Long> counts = new LinkedHashMap<>();
        List<String> parts = new ArrayList<>();
        for (TableName table : tables) {
            Set<String> referred = new LinkedHashSet<>();
            branch.links().stream()
                    .filter(link -> link.parent().equals(table))
                    .forEach(link -> referred.addAll(link.parentColumns()));
            String columns = referred.isEmpty() ? "1" : list(new ArrayList<>(referred));
            String where = table.equals(branch.root().name())
                    ? branch.age().all().text()
                    : branch.links().stream()
                            .filter(link -> link.child().equals(table))
                            .map(link -> "(" + list(link.columns()) + ") IN (SELECT " + list(link.parentColumns())
                                    + " FROM d" + tables.indexOf(link.parent()) + ")")
                            .collect(Collectors.joining(" OR "));
            parts.add("d" + tables.indexOf(table) + " AS (SELECT " + columns + " FROM "
                    + branch.table(table).sql() + " WHERE " + where + ")");
        }
        String select = tables.stream()
                .map(table -> "(SELECT count(*) FROM d" + tables.indexOf(table) + ")")
                .collect(Collectors.joining(", "));
        try (PreparedStatement statement = session.prepared(
                        "WITH " + String.join(", ", parts) + " SELECT " + select,
                        branch.age().all().values());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            for (int i = 0; i < tables.size(); i++) {
                counts.put(tables.get(i), rows.getLong(i + 1));
            }
        }
        return counts;
    }

    private Map<TableName, Long> recursive() throws SQLException {
        Map<TableName, Long> counts = new LinkedHashMap<>();
        tables.forEach(table -> counts.put(table, 0L));
        String steps = branch.links().stream().map(this::step).collect(Collectors.joining(" UNION ALL "));
        String sql = "WITH RECURSIVE d(t, o, i) AS (SELECT "
                + tables.indexOf(branch.root().name())
                + ", tableoid::bigint, ctid::text FROM " + branch.root().sql() + " WHERE "
                + branch.age().all().text() + " UNION SELECT n.t, n.o, n.i FROM d CROSS JOIN LATERAL (" + steps
                + ") n) SELECT t, count(*) FROM d GROUP BY t";
        try (PreparedStatement statement =
                        session.prepared(sql, branch.age().all().values());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                counts.put(tables.get(rows.getInt(1)), rows.getLong(2));
            }
        }
        return counts;
    }

    private String step(Link link) {
        String on = java.util.stream.IntStream.range(0, link.columns().size())
                .mapToObj(i -> "c." + PostgresArray.identifier(link.columns().get(i)) + " = p."
                        + PostgresArray.identifier(link.parentColumns().get(i)))
                .collect(Collectors.joining(" AND "));
        return "SELECT " + tables.indexOf(link.child()) + " AS t, c.tableoid::bigint AS o, c.ctid::text AS i FROM "
                + branch.table(link.parent()).sql() + " p JOIN "
                + branch.table(link.child()).sql() + " c ON " + on
                + " WHERE d.t = " + tables.indexOf(link.parent())
                + " AND p.tableoid::bigint = d.o AND p.ctid = d.i::tid";
    }

    private static String list(List<String> columns) {
        return columns.stream().map(PostgresArray::identifier).collect(Collectors.joining(", "));
    }
}
