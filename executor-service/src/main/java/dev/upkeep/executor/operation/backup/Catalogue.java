package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.store.ObjectStore;
import dev.upkeep.executor.operation.store.ObjectStores;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The backups there are: one manifest per backup, read from the folder at each call, so that it is the whole truth. A
 * backup whose file is gone or has another size is listed as damaged. Thread-safe.
 */
@ApplicationScoped
class Catalogue implements VerifiedBackups {
    private static final String REMOTE = "backups/";

    private final Path directory;
    private final Supplier<Optional<ObjectStore>> store;

    @Inject
    Catalogue(BackupSettings settings, ObjectStores stores) {
        this(
                settings.directory(),
                () -> settings.store() == BackupSettings.Store.S3 ? Optional.of(stores.s3()) : Optional.empty());
    }

    Catalogue(Path directory, Supplier<Optional<ObjectStore>> store) {
        this.directory = directory.toAbsolutePath().normalize();
        this.store = store;
    }

    BackupFolder folder(DatabaseId database) {
        return new BackupFolder(
                directory,
                database,
                store.get().map(remote -> new RemoteShelf(remote, REMOTE + BackupName.folder(database) + "/")));
    }

    /** All listed backups of a database, newest first. */
    List<Manifest> list(DatabaseId database) throws IOException {
        BackupFolder folder = folder(database);
        List<Manifest> manifests = new ArrayList<>();
        Map<String, Long> stored = folder.stored();
        for (String name : folder.listed(stored.keySet())) {
            read(folder, stored, name, database).ifPresent(manifests::add);
        }
        manifests.sort(Comparator.comparing(Manifest::takenAt)
                .thenComparing(Manifest::name)
                .reversed());
        return manifests;
    }

    /** The named backup, or the newest verified one; of this method only, if one is given. */
    Optional<Manifest> choose(DatabaseId database, Optional<String> name, Optional<Method> method) throws IOException {
        return list(database).stream()
                .filter(backup -> name.map(backup.name()::equals).orElse(backup.isVerified()))
                .filter(backup -> method.map(backup.method()::equals).orElse(true))
                .findFirst();
    }

    /** Names of manifests that cannot be read. */
    List<String> unreadable(DatabaseId database) throws IOException {
        BackupFolder folder = folder(database);
        List<String> names = new ArrayList<>();
        Map<String, Long> stored = folder.stored();
        for (String name : folder.listed(stored.keySet())) {
            if (read(folder, stored, name, database).isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private static Optional<Manifest> read(
            BackupFolder folder, Map<String, Long> stored, String name, DatabaseId database) throws IOException {
        Manifest manifest;
        try {
            Optional<byte[]> json = folder.shelf().read(name + BackupName.MANIFEST);
            if (json.isEmpty()) {
                return Optional.empty();
            }
            manifest = Wire.read(json.get(), Manifest.class);
        } catch (Unreadable damaged) {
            return Optional.empty();
        }
        if (!manifest.name().equals(name) || !manifest.database().equals(database)) {
            return Optional.empty();
        }
        return Optional.of(problem(stored.get(name), manifest.file().bytes())
                .map(manifest::damaged)
                .orElse(manifest));
    }

    private static Optional<String> problem(@Nullable Long found, long expected) {
        if (found == null) {
            return Optional.of("its file is gone");
        }
        if (found < 0) {
            return Optional.of("it is not a file");
        }
        return found == expected
                ? Optional.empty()
                : Optional.of("its file has " + found + " bytes instead of " + expected);
    }

    /** Lists a backup, or changes how it is listed. */
    void put(Manifest manifest) throws IOException {
        folder(manifest.database()).shelf().write(manifest.name() + BackupName.MANIFEST, Wire.write(manifest));
    }

    /** Why a task on a folder is not done now. */
    static Reason occupied(BackupFolder folder) {
        return new Reason(Code.BUSY, "another backup task, or another executor, is at work in " + folder.path());
    }

    /** Why a task on a backup is not done: there is none. */
    static Reason nothing(DatabaseId database, Optional<String> name) {
        return new Reason(
                Code.BACKUP_MISSING,
                name.map(given -> "backup: " + given + " (is not among the backups of " + database + ")")
                        .orElse("there is no such backup of " + database + "; order a backup first"));
    }

    @Override
    public Optional<Instant> newest(DatabaseId database) {
        try {
            return list(database).stream()
                    .filter(Manifest::isVerified)
                    .findFirst()
                    .map(Manifest::takenAt);
        } catch (IOException e) {
            throw new UncheckedIOException("the backups of " + database + " cannot be listed", e);
        }
    }

    @Override
    public Optional<Standing> standing(DatabaseId database) {
        try {
            return Listing.standing(
                    list(database).stream().filter(Manifest::isVerified).toList());
        } catch (IOException e) {
            throw new UncheckedIOException("the backups of " + database + " cannot be listed", e);
        }
    }
}
