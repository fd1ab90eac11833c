package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Deletes root rows of a batch, and what depends on them, on PostgreSQL without looking at each: one range of the index of the root's
 * time, in one statement, without the rows in it that a further condition keeps. Each further table's rows are found by the keys of those that the statement deletes, and the server
 * checks references at its end. It costs what one large DELETE costs, whose dead rows no later batch meets again. For one session
 * and its thread.
 */
final class PostgresSweep {
    private final PostgresSession session;
    private final PostgresCatalogue catalogue;
    private final PostgresDoomed doomed;

    PostgresSweep(PostgresSession session, PostgresCatalogue catalogue, PostgresDoomed doomed) {
        this.session = session;
        this.catalogue = catalogue;
        this.doomed = doomed;
    }

    /**
     * Deletes a range of the index of the root's time: up to the time of the row after the last that may go. Rows of one time are not
     * told apart: where more of them follow than may go, a root without dependants loses some of them by their places, and one
     * with dependants is not swept.
     */
    Optional<Session.Swept> sweep(Session.Walk walk, Optional<String> from, int take) throws SQLException {
        if (!doomed.canSweep()) {
            return Optional.empty();
        }
        Branch branch = doomed.branch();
        Age age = branch.age();
        String type = age.order().orElseThrow().type();
        Sql stale = age.stale();
        Sql condition = age.hasCondition() ? age.condition() : Sql.of("true");
        if (from.isPresent()) {
            stale = stale.then(" AND ", Sql.of(age.column() + " >= CAST(? AS " + type + ")", from.get()));
        }
        Optional<String> until = until(branch, walk, stale, take);
        if (until.isPresent() && until.equals(from)) {
            return branch.links().isEmpty()
                    ? Optional.of(sweepSome(branch, walk, stale.then(" AND ", condition), from, take))
                    : Optional.empty();
        }
        Sql range = until.isEmpty()
                ? stale
                : stale.then(" AND ", Sql.of(age.column() + " < CAST(? AS " + type + ")", until.get()));
        Map<TableName, Long> deleted = delete(branch, walk, range.then(" AND ", condition));
        int roots = deleted.getOrDefault(branch.root().name(), 0L).intValue();
        Session.Chosen chosen = new Session.Chosen(roots, until.or(() -> from).orElse(""), until.isEmpty());
        int looked = age.hasCondition() && until.isPresent() ? take : roots;
        return Optional.of(new Session.Swept(chosen, looked, deleted));
    }

    private Optional<String> until(Branch branch, Session.Walk walk, Sql stale, int take) throws SQLException {
        String column = branch.age().column();
        // the text is made of the one row that is wanted, not of all that are passed over
        return session.first(new Sql(
                        "SELECT time::text FROM (SELECT " + column + " AS time FROM ONLY " + walk.sql()
                                + " AS root WHERE " + stale.text() + " ORDER BY root." + column,
                        stale.values())
                .then("", Sql.of(" OFFSET CAST(? AS bigint) LIMIT 1) next", Integer.toString(take))));
    }

    private Session.Swept sweepSome(Branch branch, Session.Walk walk, Sql stale, Optional<String> from, int take)
            throws SQLException {
        String table = "ONLY " + walk.sql();
        String sql = "DELETE FROM " + table + " WHERE ctid = ANY(ARRAY(SELECT ctid FROM " + table + " WHERE "
                + stale.text() + " ORDER BY " + branch.age().column() + " LIMIT " + take + "))";
        try (PreparedStatement statement = session.prepared(sql, stale.values())) {
            int swept = statement.executeUpdate();
            return new Session.Swept(
                    new Session.Chosen(swept, from.orElse(""), swept < take),
                    swept,
                    Map.of(branch.root().name(), (long) swept));
        }
    }

    private Map<TableName, Long> delete(Branch branch, Session.Walk walk, Sql range) throws SQLException {
        Map<TableName, Long> deleted = new TreeMap<>();
        if (branch.links().isEmpty()) {
            try (PreparedStatement statement =
                    session.prepared("DELETE FROM ONLY " + walk.sql() + " WHERE " + range.text(), range.values())) {
                deleted.put(branch.root().name(), (long) statement.executeUpdate());
            }
            return deleted;
        }
        List<TableName> tables = branch.order().stream()
                .flatMap(group -> group.tables().stream())
                .toList();
        List<String> parts = new ArrayList<>();
        for (TableName table : tables) {
            String rows = table.equals(branch.root().name())
                    ? "ONLY " + walk.sql() + " WHERE " + range.text()
                    : children(branch, table, tables);
            List<String> referred = doomed.referred(table);
            parts.add("swept" + parts.size() + " AS (DELETE FROM " + rows + " RETURNING "
                    + (referred.isEmpty()
                            ? "1"
                            : referred.stream().map(PostgresArray::identifier).collect(Collectors.joining(", ")))
                    + ")");
        }
        String counts = IntStream.range(0, tables.size())
                .mapToObj(i -> "(SELECT count(*) FROM swept" + i + ")")
                .collect(Collectors.joining(", "));
        try (PreparedStatement statement =
                        session.prepared("WITH " + String.join(", ", parts) + " SELECT " + counts, range.values());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            for (int i = 0; i < tables.size(); i++) {
                deleted.put(tables.get(i), rows.getLong(i + 1));
            }
        }
        return deleted;
    }

    private String children(Branch branch, TableName child, List<TableName> tables) throws SQLException {
        String only = catalogue.entry(child).isPartitioned() ? "" : "ONLY ";
        String refer = branch.links().stream()
                .filter(link -> link.child().equals(child))
                .map(link -> PostgresArray.identifier(link.columns().get(0)) + " = ANY(ARRAY(SELECT "
                        + PostgresArray.identifier(link.parentColumns().get(0)) + " FROM swept"
                        + tables.indexOf(link.parent()) + "))")
                .collect(Collectors.joining(" OR "));
        return only + branch.table(child).sql() + " WHERE " + refer;
    }
}
