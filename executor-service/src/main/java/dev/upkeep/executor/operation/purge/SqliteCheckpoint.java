package dev.upkeep.executor.operation.purge;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Copies the write-ahead log of a SQLite file into the file often enough that no commit of the application has to: SQLite leaves
 * that to the commit after which the log has 1,000 pages. Passive: it waits for nobody and keeps nobody waiting. Used by one thread.
 */
final class SqliteCheckpoint {
    /** Some below the 1,000 pages of SQLite's default, for what the application adds meanwhile. */
    private static final int WANTED = 500;

    private final Connection connection;
    private int batches;
    private int every = 1;

    SqliteCheckpoint(Connection connection) {
        this.connection = connection;
    }

    /** To be called after each batch, outside a transaction. */
    void after() throws SQLException {
        if (++batches < every) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            int pages = row.next() ? row.getInt(2) : 0;
            int perBatch = Math.max(1, pages / batches);
            every = Math.max(1, WANTED / perBatch);
        }
        batches = 0;
    }
}
