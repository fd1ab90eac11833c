package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.io.IOException;
import java.io.OutputStream;

/** Writes the rows of one part of an archive in one format. Used by one thread. */
interface RowWriter {
    /**
     * A frame begins.
     *
     * @param isFirst whether it is the part's first
     */
    void begin(OutputStream frame, boolean isFirst) throws IOException;

    /** Writes a row; {@code json} is an object of its columns. */
    void write(TableName table, String json) throws IOException;

    /** All rows of the frame are given to its stream; does not close it. */
    void end() throws IOException;
}
