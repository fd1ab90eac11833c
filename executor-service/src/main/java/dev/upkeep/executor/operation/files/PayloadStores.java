package dev.upkeep.executor.operation.files;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The payload stores of this executor, by name. Immutable. */
public final class PayloadStores {
    private final Map<String, PayloadStore> stores;

    PayloadStores(Map<String, PayloadStore> stores) {
        this.stores = Map.copyOf(stores);
    }

    /** The store of this name, if its rows are in this database. */
    Optional<PayloadStore> find(String name, DatabaseId database) {
        return Optional.ofNullable(stores.get(name))
                .filter(store -> store.database().equals(database));
    }

    /** Why an order with this name is refused. */
    Reason unknown(String name, DatabaseId database) {
        String known = stores.entrySet().stream()
                .filter(store -> store.getValue().database().equals(database))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(", "));
        return new Reason(
                Code.INVALID,
                "store: " + name + " (must be a payload store of " + database + " in the executor's configuration: "
                        + (known.isEmpty() ? "there is none" : known) + ")");
    }

    /** Why the folder cannot be worked in. */
    static Optional<Reason> problem(PayloadStore store) throws IOException {
        Path root = store.root();
        if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(new Reason(Code.STORE_UNAVAILABLE, root + " is not a folder, or is a link to one"));
        }
        return root.toRealPath().equals(root)
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.INVALID,
                        "root: " + root + " (must not lead through a symbolic link; it is " + root.toRealPath() + ")"));
    }

    /** Reads the settings at the start; bad ones stop it. */
    @Singleton
    static final class Producer {
        @Produces
        @Singleton
        PayloadStores stores(PayloadSettings settings) {
            Map<String, PayloadStore> stores = new TreeMap<>();
            settings.stores().forEach((name, store) -> stores.put(name, PayloadStore.of(store)));
            return new PayloadStores(stores);
        }
    }
}
