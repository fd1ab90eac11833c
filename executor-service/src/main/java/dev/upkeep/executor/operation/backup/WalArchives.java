package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.executor.operation.store.ObjectStore;
import dev.upkeep.executor.operation.store.ObjectStores;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Gives the archive of write-ahead log that is configured. */
@ApplicationScoped
class WalArchives {
    private static final String KEY = "upkeep.backup.wal-store";
    private static final Pattern KEYS = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*/)+");

    private final BackupSettings settings;
    private final Supplier<ObjectStore> store;

    @Inject
    WalArchives(BackupSettings settings, ObjectStores stores) {
        this(settings, stores::s3);
    }

    WalArchives(BackupSettings settings, Supplier<ObjectStore> store) {
        this.settings = settings;
        this.store = store;
    }

    /** Empty if there is none: points in time cannot be restored then. */
    Optional<WalArchive> configured() {
        Optional<WalArchive> folder = settings.walArchive().map(WalFolder::new);
        return folder.or(() -> settings.walStore().map(keys -> new WalStore(store, keys)));
    }

    /** Refuses settings that say two things, or nothing that can be meant. */
    static void check(BackupSettings settings) {
        if (settings.walStore().isEmpty()) {
            return;
        }
        String keys = settings.walStore().get();
        if (settings.walArchive().isPresent()) {
            throw new InvalidValue(KEY, keys, "cannot be given together with upkeep.backup.wal-archive");
        }
        if (!KEYS.matcher(keys).matches()) {
            throw new InvalidValue(KEY, keys, "must be like wal/main/, ending in a slash");
        }
    }
}
