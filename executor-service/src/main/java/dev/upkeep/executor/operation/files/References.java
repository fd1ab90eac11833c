package dev.upkeep.executor.operation.files;

import java.sql.SQLException;
import java.util.function.Consumer;

/** The values by which rows refer to files, as they are in the database at the moment of asking. Used by one thread. */
interface References extends AutoCloseable {
    /** Tells each value that is not null, without keeping them. */
    void each(Consumer<String> value) throws SQLException;

    @Override
    void close() throws SQLException;

    /** Opens them for one task. */
    @FunctionalInterface
    interface Source {
        References open(PayloadStore store) throws SQLException;
    }
}
