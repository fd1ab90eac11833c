package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Write-ahead log in an object store, as {@code deploy/postgresql/wal-s3} leaves it there. */
final class WalStore implements WalArchive {
    private final Supplier<ObjectStore> store;
    private final String keys;

    /** @param keys what all keys begin with, below the store's own prefix */
    WalStore(Supplier<ObjectStore> store, String keys) {
        this.store = store;
        this.keys = keys;
    }

    @Override
    public Access open(Path data, ServerAccount account) throws IOException {
        return WalFeed.start(data, account, store.get(), keys);
    }
}
