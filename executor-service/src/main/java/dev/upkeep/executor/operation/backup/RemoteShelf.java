package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.store.ObjectStore;
import dev.upkeep.executor.operation.store.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Backups in an object store. An object whose upload is complete has its name at once: it is listed by its manifest. */
final class RemoteShelf implements Shelf {
    private final ObjectStore store;
    private final String folder;

    /** @param folder the beginning of all keys, ending in a slash */
    RemoteShelf(ObjectStore store, String folder) {
        this.store = store;
        this.folder = folder;
    }

    @Override
    public String place() {
        return store.place() + folder;
    }

    @Override
    public Map<String, Long> names() throws IOException {
        Map<String, Long> names = new TreeMap<>();
        store.list(folder).forEach((key, bytes) -> names.put(key.substring(folder.length()), bytes));
        return names;
    }

    @Override
    public Upload begin(String name, long expectedBytes) throws IOException {
        return store.begin(folder + name, expectedBytes);
    }

    @Override
    public Blob unpublished(String name) {
        return blob(name);
    }

    @Override
    public void publish(String name) {
        // its name is the one it was uploaded under
    }

    @Override
    public Blob blob(String name) {
        return new Blob() {
            @Override
            public String place() {
                return RemoteShelf.this.place() + name;
            }

            @Override
            public long bytes() throws IOException {
                return Optional.ofNullable(store.list(folder + name).get(folder + name))
                        .orElseThrow(() -> new NoSuchFileException(place()));
            }

            @Override
            public InputStream open() throws IOException {
                return store.open(folder + name);
            }
        };
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        return store.get(folder + name);
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        store.put(folder + name, content);
    }

    @Override
    public void remove(String name) throws IOException {
        store.remove(folder + name);
    }

    @Override
    public void removeUnfinished() throws IOException {
        store.removeUnfinished(folder);
    }
}
