package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Counts what a branch would delete from a SQLite file, within a transaction: along the references, where each row is reached by one
 * path only, else by collecting the rows.
 */
final class SqliteCensus {
    private static final int SAMPLE = 1_000;

    private final Connection connection;
    private final SqliteCatalogue catalogue;
    private final SqliteDoomed doomed;
    private final Branch branch;
    private final Sql all;

    SqliteCensus(Connection connection, SqliteCatalogue catalogue, SqliteDoomed doomed, Branch branch) {
        this.connection = connection;
        this.catalogue = catalogue;
        this.doomed = doomed;
        this.branch = branch;
        this.all = branch.age().bounded().then(" AND ", branch.age().condition());
    }

    Session.Census count() throws SQLException {
        Age age = branch.age();
        Optional<Instant> oldest;
        Optional<Instant> newest;
        long roots;
        try (PreparedStatement statement = prepared(
                        "SELECT " + age.epoch().formatted("min(" + age.column() + ")") + ", "
                                + age.epoch().formatted("max(" + age.column() + ")") + ", count(*) FROM "
                                + branch.root().sql() + " WHERE " + all.text(),
                        all);
                ResultSet row = statement.executeQuery()) {
            row.next();
            oldest = LocalTimes.instant(row.getString(1));
            newest = LocalTimes.instant(row.getString(2));
            roots = row.getLong(3);
        }
        Map<TableName, Long> rows = new TreeMap<>();
        Map<TableName, Long> bytes = new TreeMap<>();
        boolean isTree = isTree();
        if (!isTree) {
            collect();
        }
        for (TableName table : branch.tables().keySet()) {
            long count = !isTree
                    ? doomed.size(table)
                    : table.equals(branch.root().name()) ? roots : number("SELECT count(*) FROM " + path(table), all);
            rows.put(table, count);
            double average = isTree ? averageBytes(table) : doomed.averageBytes(table);
            bytes.put(table, (long) (average * count));
        }
        long total = number("SELECT count(*) FROM " + branch.root().sql(), new Sql("", List.of()));
        return new Session.Census(rows, bytes, total, oldest, newest);
    }

    /** Whether each table but the root is reached by one link only, to a parent's primary key, so that no row is met twice. */
    private boolean isTree() {
        return !branch.hasCycle()
                && branch.tables().keySet().stream()
                        .allMatch(table -> branch.links().stream()
                                        .filter(link -> link.child().equals(table))
                                        .count()
                                <= 1)
                && branch.links().stream()
                        .allMatch(link -> link.parentColumns()
                                .equals(branch.table(link.parent()).key()));
    }

    /** The doomed rows of a table as a join that begins at the root. */
    private String path(TableName table) {
        Optional<Link> link = branch.links().stream()
                .filter(each -> each.child().equals(table))
                .findFirst();
        if (link.isEmpty()) {
            return "(SELECT * FROM " + branch.root().sql() + " WHERE " + all.text() + ") " + alias(table);
        }
        Link up = link.get();
        String on = IntStream.range(0, up.columns().size())
                .mapToObj(i -> alias(table) + "."
                        + SqliteCatalogue.quoted(up.columns().get(i)) + " = " + alias(up.parent()) + "."
                        + SqliteCatalogue.quoted(up.parentColumns().get(i)))
                .collect(Collectors.joining(" AND "));
        return path(up.parent()) + " CROSS JOIN " + branch.table(table).sql() + " " + alias(table) + " ON " + on;
    }

    private String alias(TableName table) {
        return "t" + List.copyOf(branch.tables().keySet()).indexOf(table);
    }

    private double averageBytes(TableName table) throws SQLException {
        String length = catalogue.entry(table).table().columns().stream()
                .map(column -> "coalesce(length(CAST(" + alias(table) + "." + SqliteCatalogue.quoted(column.name())
                        + " AS BLOB)), 0) + 1")
                .collect(Collectors.joining(" + "));
        try (PreparedStatement statement = prepared(
                        "SELECT avg(bytes) FROM (SELECT " + length + " AS bytes FROM " + path(table) + " LIMIT "
                                + SAMPLE + ")",
                        all);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getDouble(1) : 0;
        }
    }

    private void collect() throws SQLException {
        doomed.addAll(branch.root(), all);
        for (Branch.Group group : branch.order()) {
            for (Link link : group.into()) {
                doomed.follow(link, Long.MAX_VALUE - 1);
            }
            long added = group.isCycle() ? 1 : 0;
            while (added > 0) {
                added = 0;
                for (Link link : group.within()) {
                    added += doomed.follow(link, Long.MAX_VALUE - 1);
                }
            }
        }
    }

    private long number(String sql, Sql where) throws SQLException {
        try (PreparedStatement statement = prepared(sql, where);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private PreparedStatement prepared(String sql, Sql where) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        SqliteSession.bind(statement, 1, where.values());
        return statement;
    }
}
