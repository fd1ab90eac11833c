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
import java.time.Clock;
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
    private static final int LOOKS = 5;

    private final Path directory;
    private final Supplier<Optional<ObjectStore>> store;
    private final Clock clock = Clock.systemUTC();

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

    /**
     * What is there.
     *
     * @param backups newest first
     * @param unreadable names of manifests that cannot be read
     */
    record Look(List<Manifest> backups, List<String> unreadable) {}

    Look look(DatabaseId database) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (Read read : readAll(folder(database), database)) {
            read.manifest().ifPresentOrElse(manifests::add, () -> unreadable.add(read.name()));
        }
        manifests.sort(Comparator.comparing(Manifest::takenAt)
                .thenComparing(Manifest::name)
                .reversed());
        return new Look(manifests, unreadable);
    }

    /** All listed backups of a database, newest first. */
    List<Manifest> list(DatabaseId database) throws IOException {
        return look(database).backups();
    }

    /** What is behind one name; no manifest if it cannot be read. */
    private record Read(String name, Optional<Manifest> manifest) {}

    /**
     * Looks again when something went while it was read: with it a newer one may have come, and to see neither would be to
     * see no backup where there always is one.
     */
    private static List<Read> readAll(BackupFolder folder, DatabaseId database) throws IOException {
        List<Read> all = new ArrayList<>();
        for (int look = 0; look < LOOKS; look++) {
            all.clear();
            boolean isWhole = true;
            Map<String, Long> stored = folder.stored();
            for (String name : folder.listed(stored.keySet())) {
                Optional<byte[]> json = folder.shelf().read(name + BackupName.MANIFEST);
                isWhole &= json.isPresent();
                if (json.isPresent()) {
                    Optional<Manifest> manifest = parsed(json.get(), name, database);
                    all.add(new Read(
                            name, manifest.isEmpty() ? manifest : Optional.of(looked(manifest.get(), folder, stored))));
                }
            }
            if (isWhole) {
                break;
            }
        }
        return all;
    }

    /** One listed backup as it is now. */
    Optional<Manifest> find(DatabaseId database, String name) throws IOException {
        BackupFolder folder = folder(database);
        Optional<Manifest> found =
                folder.shelf().read(name + BackupName.MANIFEST).flatMap(json -> parsed(json, name, database));
        return found.isEmpty() ? found : Optional.of(looked(found.get(), folder, folder.stored()));
    }

    /** The named backup, or the newest verified one; of this method only, if one is given. */
    Optional<Manifest> choose(DatabaseId database, Optional<String> name, Optional<Method> method) throws IOException {
        return list(database).stream()
                .filter(backup -> name.map(backup.name()::equals).orElse(backup.isVerified()))
                .filter(backup -> method.map(backup.method()::equals).orElse(true))
                .findFirst();
    }

    private static Optional<Manifest> parsed(byte[] json, String name, DatabaseId database) {
        try {
            return Optional.of(Wire.read(json, Manifest.class))
                    .filter(manifest ->
                            manifest.name().equals(name) && manifest.database().equals(database));
        } catch (Unreadable damaged) {
            return Optional.empty();
        }
    }

    /** A file that the folder's listing did not show may have got its name while the folder was listed. */
    private static Manifest looked(Manifest manifest, BackupFolder folder, Map<String, Long> stored)
            throws IOException {
        Long bytes = stored.get(manifest.name());
        return problem(
                        bytes == null ? folder.stored().get(manifest.name()) : bytes,
                        manifest.file().bytes())
                .map(manifest::damaged)
                .orElse(manifest);
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

    /** A backup that a wrong clock dated has no age to rely on, and is not among them. */
    @Override
    public Optional<Instant> newest(DatabaseId database) {
        try {
            return dated(database).stream().findFirst().map(Manifest::takenAt);
        } catch (IOException e) {
            throw new UncheckedIOException("the backups of " + database + " cannot be listed", e);
        }
    }

    @Override
    public Optional<Standing> standing(DatabaseId database) {
        try {
            return Listing.standing(dated(database));
        } catch (IOException e) {
            throw new UncheckedIOException("the backups of " + database + " cannot be listed", e);
        }
    }

    private List<Manifest> dated(DatabaseId database) throws IOException {
        Instant now = clock.instant();
        return list(database).stream()
                .filter(manifest -> manifest.isVerified() && !manifest.isFromTheFuture(now))
                .toList();
    }
}
