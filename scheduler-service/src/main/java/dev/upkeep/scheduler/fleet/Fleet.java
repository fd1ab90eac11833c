package dev.upkeep.scheduler.fleet;

import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ExecutorId;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The newest registration of each executor. Thread-safe; readers may see a registration come while they look. */
public final class Fleet {
    private final Map<ExecutorId, Registration> executors = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    private final Shared shared = new Shared();

    /** Takes a registration in place of the executor's earlier one. */
    public void register(Registration stated) {
        Registration registration = shared.of(stated);
        Registration before = executors.put(registration.executor(), registration);
        if (before == null || !before.databases().equals(registration.databases())) {
            changes.incrementAndGet();
        }
    }

    /** Grows whenever an executor registers other databases than before; a mere sign of life does not count. */
    public long changes() {
        return changes.get();
    }

    /** Forgets an executor. */
    public void forget(ExecutorId executor) {
        executors.remove(executor);
    }

    /** All executors, those that are offline among them. */
    public Collection<Registration> executors() {
        return executors.values();
    }

    /** What this executor said last. */
    public Optional<Registration> find(ExecutorId executor) {
        return Optional.ofNullable(executors.get(executor));
    }

    /** Whether nothing was heard of this executor for too long, or ever. */
    public boolean isOffline(ExecutorId executor, Instant now) {
        Registration registration = executors.get(executor);
        return registration == null || registration.isOffline(now);
    }

    /** A label of a database as its executor states it now. */
    public Optional<String> label(ExecutorId executor, dev.upkeep.common.id.DatabaseId database, String key) {
        return find(executor)
                .flatMap(registration -> registration.databases().stream()
                        .filter(candidate -> candidate.id().equals(database))
                        .findFirst()
                        .flatMap(candidate ->
                                Optional.ofNullable(candidate.labels().get(key))));
    }
}
