package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.VerifiedBackups;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The backups there are: one manifest per backup, read from the folder at each call, so that the folder is the whole truth. A
 * manifest that cannot be read, and one whose file is gone or has another size, is not listed. Thread-safe.
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

    private static Optional<Manifest> read(BackupFolder folder, String name, DatabaseId database) throws IOException {
        try {
            Manifest manifest = Wire.read(Files.readAllBytes(folder.file(name + BackupName.MANIFEST)), Manifest.class);
            BasicFileAttributes file =
                    Files.readAttributes(folder.file(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean fits = manifest.name().equals(name)
                    && manifest.database().equals(database)
                    && file.isRegularFile()
                    && file.size() == manifest.file().bytes();
            return fits ? Optional.of(manifest) : Optional.empty();
        } catch (Unreadable | java.nio.file.NoSuchFileException damaged) {
            return Optional.empty();
        }
    }

    /** Lists a backup, or changes how it is listed. */
    void put(Manifest manifest) throws IOException {
        folder(manifest.database()).write(manifest.name() + BackupName.MANIFEST, Wire.write(manifest));
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
