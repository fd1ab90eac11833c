package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Optional;

/** The engine's own look at a backup's content. */
interface ContentCheck {
    /** A way to read the content from its beginning. */
    interface Content {
        InputStream open() throws IOException;
    }

    /**
     * Reads the content and says what is in it; the last opening is read to its end.
     *
     * @throws dev.upkeep.executor.operation.Failure with code {@code VERIFICATION_FAILED} if it is not whole
     */
    Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws SQLException, IOException;
}
