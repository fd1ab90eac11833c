package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.store.Upload;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Where the backups of one database are kept, with their manifests: a folder, or a part of an object store. What is begun and
 * never published is not among the {@link #names}, or has no manifest, and goes by {@link #removeUnfinished}.
 */
interface Shelf {
    /** What and where it is, for people. */
    String place();

    /** All names there, with the bytes of each; −1 for what is no file. */
    Map<String, Long> names() throws IOException;

    /** Begins a backup under its name, not to be found under it before {@link #publish}. */
    Upload begin(String name, long expectedBytes) throws IOException;

    /** What was begun and completed, and is not published yet. */
    Blob unpublished(String name);

    /** Gives what was begun its name, durably. */
    void publish(String name) throws IOException;

    Blob blob(String name);

    Optional<byte[]> read(String name) throws IOException;

    /** Puts content under a name in place of what was there, whole or not at all, durably. */
    void write(String name, byte[] content) throws IOException;

    /** Removes what has the name, durably. */
    void remove(String name) throws IOException;

    /** Drops uploads that were never completed. */
    void removeUnfinished() throws IOException;
}
