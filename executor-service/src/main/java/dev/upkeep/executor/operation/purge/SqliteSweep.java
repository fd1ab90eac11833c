package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deletes root rows of a batch, and what depends on them, on SQLite without looking at each: one range of the index of the root's time,
 * without the rows in it that a further condition keeps, and leaves first the rows that refer to rows of that range. For one session
 * and its thread, within a transaction that keeps other writers out.
 */
final class SqliteSweep {
    /** A table that is reached by more paths would make its statement long. */
    private static final int MOST_PATHS = 16;

    private final SqliteCatalogue catalogue;
    private final SqliteDoomed doomed;

    SqliteSweep(SqliteCatalogue catalogue, SqliteDoomed doomed) {
        this.catalogue = catalogue;
        this.doomed = doomed;
    }

    /**
     * Deletes up to the time of the row after the last that may go. Rows of one time are not told apart: where more of them follow
     * than may go, a root without dependants loses some of them, and one with dependants is not swept.
     */
    Optional<Session.Swept> sweep(Session.Walk walk, Optional<String> from, int take) throws SQLException {
        Branch branch = doomed.branch();
        if (!walk.ordered() || !canSweep(branch)) {
            return Optional.empty();
        }
        Age age = branch.age();
        Sql stale = age.hasCondition() && from.isPresent()
                ? age.stale().then(" AND ", Sql.of(age.column() + " >= ?", SqliteValue.read(from.get())))
                : age.stale();
        Sql where = age.order().orElseThrow().bound().then(" AND ", stale);
        Optional<Object> until = until(branch, where, take);
        // not for an index of its own, by which each sweep would meet all rows that it holds for
        Sql condition = new Sql(
                "(" + age.condition().text() + ") IS TRUE", age.condition().values());
        // one upper bound only: of two SQLite may search by the one that is farther off
        Sql range = until.map(time -> Sql.of(age.column() + " < ?", time).then(" AND ", stale))
                .orElse(where)
                .then(" AND ", condition);
        Map<TableName, Long> deleted = delete(branch, range);
        TableName root = branch.root().name();
        long roots = deleted.getOrDefault(root, 0L);
        Optional<String> next = until.map(SqliteValue::write);
        boolean isEnd = until.isEmpty();
        if (roots == 0 && until.isPresent() && (!age.hasCondition() || next.equals(from))) {
            if (!branch.links().isEmpty()) {
                return Optional.empty();
            }
            roots = sweepSome(branch.root(), where.then(" AND ", condition), take);
            deleted.put(root, roots);
            isEnd = age.hasCondition() && roots == 0;
        }
        // what was swept is gone from the index, so without a condition the next sweep begins at its beginning again
        String place = age.hasCondition() ? next.or(() -> from).orElse("") : from.orElse("");
        int looked = age.hasCondition() && until.isPresent() ? take : (int) roots;
        return Optional.of(new Session.Swept(new Session.Chosen((int) roots, place, isEnd), looked, deleted));
    }

    private static boolean canSweep(Branch branch) {
        // deleting a parent may take a reference out by which another statement would have to find the child
        boolean isSteady = branch.links().isEmpty() || branch.kept().isEmpty();
        return isSteady
                && !branch.hasCycle()
                && branch.tables().values().stream()
                        .allMatch(table -> table.triggers().isEmpty() && paths(branch, table.name()) <= MOST_PATHS);
    }

    private static int paths(Branch branch, TableName table) {
        int sum = table.equals(branch.root().name()) ? 1 : 0;
        for (Link link : branch.links()) {
            if (link.child().equals(table)) {
                sum += paths(branch, link.parent());
                if (sum > MOST_PATHS) {
                    return sum;
                }
            }
        }
        return sum;
    }

    private Optional<Object> until(Branch branch, Sql where, int take) throws SQLException {
        String column = branch.age().column();
        PreparedStatement after = doomed.cached("SELECT " + column + " FROM "
                + branch.root().sql() + " WHERE " + where.text() + " ORDER BY " + column + " LIMIT 1 OFFSET ?");
        after.setInt(SqliteSession.bind(after, 1, where.values()), take);
        try (ResultSet rows = after.executeQuery()) {
            return rows.next() ? Optional.of(rows.getObject(1)) : Optional.empty();
        }
    }

    private Map<TableName, Long> delete(Branch branch, Sql range) throws SQLException {
        List<TableName> tables = new ArrayList<>(branch.order().stream()
                .flatMap(group -> group.tables().stream())
                .toList());
        Collections.reverse(tables);
        Map<TableName, Long> deleted = new TreeMap<>();
        for (TableName table : tables) {
            Sql rows = rows(branch, table, range);
            PreparedStatement delete = doomed.cached("DELETE FROM " + rows.text());
            SqliteSession.bind(delete, 1, rows.values());
            deleted.put(table, (long) delete.executeUpdate());
        }
        return deleted;
    }

    /** A table's rows that go, as what follows FROM: those of the range, or those that refer to rows that go. */
    private static Sql rows(Branch branch, TableName table, Sql range) {
        Sql rows = Sql.of(branch.table(table).sql() + " WHERE ");
        if (table.equals(branch.root().name())) {
            return rows.then("", range);
        }
        String or = "";
        for (Link link : branch.links()) {
            if (link.child().equals(table)) {
                Sql parents = rows(branch, link.parent(), range);
                rows = rows.then(
                        or,
                        new Sql(
                                SqliteDoomed.tuple(link.columns(), "") + " IN (SELECT "
                                        + SqliteDoomed.list(link.parentColumns(), "") + " FROM " + parents.text() + ")",
                                parents.values()));
                or = " OR ";
            }
        }
        return rows;
    }

    private long sweepSome(Table root, Sql where, int take) throws SQLException {
        List<String> identity = catalogue.entry(root.name()).identity();
        PreparedStatement delete = doomed.cached(
                "DELETE FROM " + root.sql() + " WHERE " + SqliteDoomed.tuple(identity, "") + " IN (SELECT "
                        + SqliteDoomed.list(identity, "") + " FROM " + root.sql() + " WHERE " + where.text()
                        + " ORDER BY " + doomed.branch().age().column() + " LIMIT ?)");
        delete.setInt(SqliteSession.bind(delete, 1, where.values()), take);
        return delete.executeUpdate();
    }
}
