package dev.upkeep.executor.operation.store;

import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Gives the store that is configured, made when it is asked for first: its client takes memory that others can do without. */
@ApplicationScoped
public class ObjectStores {
    private final S3Config config;
    private @Nullable ObjectStore s3;

    public ObjectStores(S3Config config) {
        this.config = config;
    }

    /**
     * The S3-compatible store.
     *
     * @throws dev.upkeep.common.InvalidValue if its configuration is not whole
     */
    public synchronized ObjectStore s3() {
        ObjectStore made = s3;
        if (made == null) {
            made = S3Store.at(S3Address.of(config));
            s3 = made;
        }
        return made;
    }

    /** Refuses a configuration that is not whole, without loading a client. */
    public void check() {
        S3Address.of(config).requireSecret();
    }
}
