package dev.upkeep.executor.operation.purge;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Finds the root rows of a batch on PostgreSQL: along the index of their time, or block by block where there is none. For one
 * session and its thread.
 */
final class PostgresRoots {
    private static final int BLOCKS = 1_000;

    private final PostgresSession session;
    private final PostgresDoomed doomed;

    PostgresRoots(PostgresSession session, PostgresDoomed doomed) {
        this.session = session;
        this.doomed = doomed;
    }

    Session.Chosen choose(Session.Walk walk, Optional<String> from, int scan, int take) throws SQLException {
        return walk.ordered() ? chooseOrdered(walk, from, scan, take) : chooseByPlace(walk, from, take);
    }

    private Session.Chosen chooseOrdered(Session.Walk walk, Optional<String> from, int scan, int take)
            throws SQLException {
        Age age = doomed.branch().age();
        Age.Order order = age.order().orElseThrow();
        Sql where = age.stale();
        if (from.isPresent()) {
            where = where.then(" AND ", Sql.of(age.column() + " >= CAST(? AS " + order.type() + ")", from.get()));
        }
        Sql select = new Sql(
                        "SELECT " + doomed.selectList(doomed.branch().root()) + ", " + age.column() + "::text, ("
                                + age.condition().text() + ")::text FROM ONLY " + walk.sql() + " AS root WHERE ",
                        age.condition().values())
                .then("", where);
        String next = from.orElse("");
        int looked = 0;
        int taken = 0;
        // the column of the table, not the text of the same name that is selected: that would sort, and never use the
        // index
        try (PreparedStatement statement = session.prepared(
                        select.text() + " ORDER BY root." + age.column() + " LIMIT " + scan, select.values());
                ResultSet rows = statement.executeQuery()) {
            int columns = rows.getMetaData().getColumnCount();
            while (taken < take && rows.next()) {
                looked++;
                next = rows.getString(columns - 1);
                if ("true".equals(rows.getString(columns))) {
                    taken++;
                    doomed.addRoot(rows);
                }
            }
        }
        return new Session.Chosen(taken, next, taken < take && looked < scan);
    }

    private Session.Chosen chooseByPlace(Session.Walk walk, Optional<String> from, int take) throws SQLException {
        Age age = doomed.branch().age();
        String start = from.orElse("(0,0)");
        long until = Long.parseLong(start.substring(1, start.indexOf(','))) + BLOCKS;
        Sql where = Sql.of("ctid > CAST(? AS tid) AND ctid < CAST(? AS tid)", start, "(" + until + ",0)")
                .then(" AND ", age.all());
        int taken = 0;
        String last = start;
        try (PreparedStatement statement = session.prepared(
                        "SELECT " + doomed.selectList(doomed.branch().root()) + ", ctid::text FROM ONLY " + walk.sql()
                                + " WHERE " + where.text() + " LIMIT " + take,
                        where.values());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                taken++;
                doomed.addRoot(rows);
                last = rows.getString(rows.getMetaData().getColumnCount());
            }
        }
        if (taken == take) {
            return new Session.Chosen(taken, last, false);
        }
        long blocks = Long.parseLong(session.text(
                        "SELECT pg_relation_size(CAST(? AS regclass)) / current_setting('block_size')::int", walk.sql())
                .orElseThrow());
        return new Session.Chosen(taken, "(" + until + ",0)", until >= blocks);
    }
}
