package dev.upkeep.executor.operation.purge;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Finds the root rows of a batch on SQLite: along the index of their time, by rowid, or anew each time where there is neither.
 * For one session and its thread.
 */
final class SqliteRoots {
    private static final int WINDOW = 2_000;

    private final SqliteCatalogue catalogue;
    private final SqliteDoomed doomed;

    SqliteRoots(SqliteCatalogue catalogue, SqliteDoomed doomed) {
        this.catalogue = catalogue;
        this.doomed = doomed;
    }

    Session.Chosen choose(Session.Walk walk, Optional<String> from, int scan, int take) throws SQLException {
        SqliteCatalogue.Entry root = catalogue.entry(doomed.branch().root().name());
        if (walk.ordered()) {
            return chooseOrdered(root, from, scan, take);
        }
        return root.hasRowid() ? chooseByRowid(root, from, take) : chooseAny(root, take);
    }

    private Session.Chosen chooseOrdered(SqliteCatalogue.Entry root, Optional<String> from, int scan, int take)
            throws SQLException {
        Age age = doomed.branch().age();
        Sql select = new Sql(
                        "SELECT " + identity(root) + ", " + age.column() + ", ("
                                + age.condition().text() + ") FROM "
                                + root.table().sql() + " WHERE ",
                        age.condition().values())
                .then("", age.bounded());
        if (from.isPresent()) {
            select = select.then(" AND ", Sql.of(age.column() + " >= ?", SqliteValue.read(from.get())));
        }
        String next = from.orElse("");
        int looked = 0;
        int taken = 0;
        PreparedStatement statement = doomed.cached(select.text() + " ORDER BY " + age.column() + " LIMIT ?");
        int at = SqliteSession.bind(statement, 1, select.values());
        statement.setInt(at, scan);
        int keys = root.identity().size();
        try (ResultSet rows = statement.executeQuery()) {
            while (taken < take && rows.next()) {
                looked++;
                next = SqliteValue.write(rows.getObject(keys + 1));
                if (rows.getBoolean(keys + 2)) {
                    taken++;
                    doomed.addRoot(rows, keys);
                }
            }
        }
        return new Session.Chosen(taken, next, taken < take && looked < scan);
    }

    private Session.Chosen chooseByRowid(SqliteCatalogue.Entry root, Optional<String> from, int take)
            throws SQLException {
        Age age = doomed.branch().age();
        Sql all = age.all();
        PreparedStatement statement = doomed.cached("SELECT " + identity(root) + ", (" + all.text() + ") FROM "
                + root.table().sql() + " WHERE " + identity(root) + " > ? ORDER BY 1 LIMIT ?");
        int at = SqliteSession.bind(statement, 1, all.values());
        long next = Long.parseLong(from.orElse(Long.toString(Long.MIN_VALUE)));
        statement.setLong(at, next);
        statement.setInt(at + 1, WINDOW);
        int looked = 0;
        int taken = 0;
        try (ResultSet rows = statement.executeQuery()) {
            while (taken < take && rows.next()) {
                looked++;
                next = rows.getLong(1);
                if (rows.getBoolean(2)) {
                    taken++;
                    doomed.addRoot(rows, 1);
                }
            }
        }
        return new Session.Chosen(taken, Long.toString(next), taken < take && looked < WINDOW);
    }

    /** A table without rowid and without an index on its time: rows are found anew each time. */
    private Session.Chosen chooseAny(SqliteCatalogue.Entry root, int take) throws SQLException {
        Sql all = doomed.branch().age().all();
        PreparedStatement statement = doomed.cached(
                "SELECT " + identity(root) + " FROM " + root.table().sql() + " WHERE " + all.text() + " LIMIT ?");
        int at = SqliteSession.bind(statement, 1, all.values());
        statement.setInt(at, take);
        int taken = 0;
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                taken++;
                doomed.addRoot(rows, root.identity().size());
            }
        }
        return new Session.Chosen(taken, "", taken < take);
    }

    private static String identity(SqliteCatalogue.Entry entry) {
        return SqliteDoomed.list(entry.identity(), "");
    }
}
