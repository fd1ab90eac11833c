package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.VerifiedBackups;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The backups there are: one manifest per backup, read from the folder at each call, so that the folder is the whole truth. A
 * backup whose file is gone or has another size is listed as damaged. Thread-safe.
 */
@ApplicationScoped
class Catalogue implements VerifiedBackups {
    private final Path directory;

    @Inject
    Catalogue(BackupSettings settings) {
        this(settings.directory());
    }

    Catalogue(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    BackupFolder folder(DatabaseId database) {
        return new BackupFolder(directory, database);
    }

    /** All listed backups of a database, newest first. */
    List<Manifest> list(DatabaseId database) throws IOException {
        BackupFolder folder = folder(database);
        List<Manifest> manifests = new ArrayList<>();
        for (String name : folder.listed()) {
            read(folder, name, database).ifPresent(manifests::add);
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
        for (String name : folder.listed()) {
            if (read(folder, name, database).isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private static Optional<Manifest> read(BackupFolder folder, String name, DatabaseId database) throws IOException {
        Manifest manifest;
        try {
            manifest = Wire.read(Files.readAllBytes(folder.file(name + BackupName.MANIFEST)), Manifest.class);
        } catch (Unreadable | NoSuchFileException damaged) {
            return Optional.empty();
        }
        if (!manifest.name().equals(name) || !manifest.database().equals(database)) {
            return Optional.empty();
        }
        return Optional.of(fileProblem(folder.file(name), manifest.file().bytes())
                .map(manifest::damaged)
                .orElse(manifest));
    }

    private static Optional<String> fileProblem(Path file, long expected) throws IOException {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isRegularFile()) {
                return Optional.of("it is not a file");
            }
            return found.size() == expected
                    ? Optional.empty()
                    : Optional.of("its file has " + found.size() + " bytes instead of " + expected);
        } catch (NoSuchFileException e) {
            return Optional.of("its file is gone");
        }
    }

    /** Lists a backup, or changes how it is listed. */
    void put(Manifest manifest) throws IOException {
        folder(manifest.database()).write(manifest.name() + BackupName.MANIFEST, Wire.write(manifest));
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
}
