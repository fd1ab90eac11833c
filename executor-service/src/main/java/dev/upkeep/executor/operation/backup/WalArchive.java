package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where archived write-ahead log is read from. Thread-safe. */
interface WalArchive {
    /** Makes it readable for a server until that is closed. */
    Access open(Path data, ServerAccount account) throws IOException;

    /** One server's way to it. */
    interface Access extends AutoCloseable {
        /** What the server calls for a file, with its data folder as the current one. */
        String restoreCommand();

        /** Why a file could not be read, although it may be there. */
        Optional<Failure> failure();

        @Override
        void close() throws IOException;
    }
}
