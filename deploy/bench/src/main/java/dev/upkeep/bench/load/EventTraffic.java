package dev.upkeep.bench.load;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an application does to a table {@code events}: its statements in turn, each with one parameter, the id of a row.
 *
 * @param first the least id
 * @param ids how many ids from there on are in use
 * @param statements in the order in which each session runs them
 */
public record EventTraffic(long first, long ids, List<String> statements) implements Foreground.Steps {
    public EventTraffic {
        statements = List.copyOf(statements);
    }

    /** Adds, changes and reads single rows on PostgreSQL, where new ids come from the sequence {@code events_id}. */
    public static EventTraffic onPostgres(long first, long ids) {
        return new EventTraffic(
                first,
                ids,
                List.of(
                        "INSERT INTO events SELECT nextval('events_id'), now(), 1, md5((?::bigint)::text)",
                        "UPDATE events SET level = level + 1 WHERE id = ?::bigint",
                        "SELECT * FROM events WHERE id = ?::bigint"));
    }

    /** Adds and changes single rows on SQLite. */
    public static EventTraffic onSqlite(long first, long ids, String insert) {
        return new EventTraffic(first, ids, List.of(insert, "UPDATE events SET level = level + 1 WHERE id = ?"));
    }

    @Override
    public Foreground.Step on(Connection connection, int session) throws SQLException {
        List<PreparedStatement> prepared = new ArrayList<>();
        for (String sql : statements) {
            prepared.add(connection.prepareStatement(sql));
        }
        return turn -> {
            PreparedStatement chosen = prepared.get(turn % prepared.size());
            chosen.setLong(1, first + (turn * 7919L + session * 104_729L) % ids);
            chosen.execute();
        };
    }
}
