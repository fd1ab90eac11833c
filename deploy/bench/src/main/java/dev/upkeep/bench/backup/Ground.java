package dev.upkeep.bench.backup;

import dev.upkeep.bench.load.Foreground;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A database with data in it, an application that uses it, and ways of backing it up. */
interface Ground extends AutoCloseable {
    String title();

    /** Groups of ways that make the same: the first of each is the plain one. */
    List<List<Way>> ways();

    Foreground application() throws SQLException;

    @Override
    void close() throws IOException;

    /** One way of taking a backup. */
    record Way(String name, Taking taking) {}

    /** Takes a backup. */
    interface Taking {
        Copy take() throws Exception;
    }
}
