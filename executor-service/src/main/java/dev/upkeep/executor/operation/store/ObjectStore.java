package dev.upkeep.executor.operation.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A store of objects under keys. An object is there whole or not at all; whoever writes one sees it only when its upload is
 * complete. Keys are those of this executor's own part of the store: a prefix that is configured comes before each.
 *
 * <p>What fails is a {@link dev.upkeep.executor.operation.Failure} with the code {@code STORE_UNAVAILABLE}, {@code
 * AUTHENTICATION_FAILED} or {@code PERMISSION_DENIED}; an object that is not there is a {@link
 * java.nio.file.NoSuchFileException}. Thread-safe.
 */
public interface ObjectStore {
    /** What and where it is, for people. */
    String place();

    /**
     * Begins an object.
     *
     * @param expectedBytes about how large it will be, by which the pieces are measured that are held in memory
     */
    Upload begin(String key, long expectedBytes) throws IOException;

    /** Writes a small object in place of what was there. */
    void put(String key, byte[] content) throws IOException;

    /** A small object's content. */
    Optional<byte[]> get(String key) throws IOException;

    /** An object's content from its beginning. */
    InputStream open(String key) throws IOException;

    /** The keys that begin so, with the bytes of each. */
    SortedMap<String, Long> list(String prefix) throws IOException;

    /** Removes an object if it is there. */
    void remove(String key) throws IOException;

    /** Drops what was begun under such keys and never completed, by whomever; returns its keys. */
    java.util.List<String> removeUnfinished(String prefix) throws IOException;
}
