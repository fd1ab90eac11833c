package dev.upkeep.bench.purge;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A purge as people write it.
 *
 * @param statements in order
 * @param isLoop whether all are repeated, each time in a transaction of their own, until the last of them finds no more row; else all
 *     of them are one transaction
 */
record Script(String name, List<String> statements, boolean isLoop) {

    static Script once(String name, String... statements) {
        return new Script(name, List.of(statements), false);
    }

    static Script loop(String name, String... statements) {
        return new Script(name, List.of(statements), true);
    }

    Timing run(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        Instant from = Instant.now();
        long start = System.nanoTime();
        long rows = 0;
        try (Statement statement = connection.createStatement()) {
            int last;
            do {
                last = 0;
                for (String sql : statements) {
                    boolean counts = sql.startsWith("DELETE");
                    int done = statement.executeUpdate(sql);
                    if (counts) {
                        last = done;
                        rows += done;
                    }
                }
                connection.commit();
            } while (isLoop && last > 0);
        }
        return new Timing(from, Instant.now(), Duration.ofNanos(System.nanoTime() - start), rows);
    }
}
