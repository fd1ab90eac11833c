package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one database's backups, with the shelf that has them: the folder itself, or a part of an object store, for which
 * the folder is only the place to work in. What is on the shelf is either whole and listed by a manifest, or a leftover that
 * {@link #removeLeftovers} takes away, as what ends in {@code .partial} is; only names of its own form are ever removed, and
 * links are never followed. One process at a time changes it, held off by a lock on a file in the folder.
 */
final class BackupFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private static final String HOLD = ".hold";
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final DatabaseId database;
    private final Path path;
    private final Pattern own;
    private final Shelf shelf;

    BackupFolder(Path directory, DatabaseId database, Optional<Shelf> elsewhere) {
        this.database = database;
        this.path = directory.toAbsolutePath().normalize().resolve(BackupName.folder(database));
        this.own = BackupName.own(database);
        this.shelf = elsewhere.orElseGet(() -> new FolderShelf(path));
    }

    /** Where work is done. */
    Path path() {
        return path;
    }

    /** Whether the backups are in the folder itself. */
    boolean isHere() {
        return shelf instanceof FolderShelf;
    }

    /** Where the backups are. */
    Shelf shelf() {
        return shelf;
    }

    /** The stored bytes of a backup. */
    Blob blob(String name) {
        return shelf.blob(own(name));
    }

    private String own(String name) {
        if (!own.matcher(name).matches()) {
            throw new IllegalStateException(name + " is no name of a backup of " + database);
        }
        return name;
    }

    /** A file to work with. */
    Path partial(String name) {
        return path.resolve(own(name + BackupName.PARTIAL));
    }

    /** Makes the folder if need be, closed to others. */
    void make() throws IOException {
        if (!Files.isDirectory(path)) {
            Path parent = Objects.requireNonNull(path.getParent());
            Files.createDirectories(parent);
            try {
                createFolder(path);
            } catch (FileAlreadyExistsException e) {
                // by another task at the same moment, or it is no folder
                if (!Files.isDirectory(path)) {
                    throw new NotDirectoryException(path.toString());
                }
            }
            sync(parent);
        }
    }

    /** Takes the right to change the folder; empty if another process or thread has it. */
    Optional<Hold> hold() throws IOException {
        make();
        // within this process first: closing a second channel on the file would give up the lock of the first
        if (!HELD.add(path)) {
            return Optional.empty();
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException | RuntimeException e) {
            HELD.remove(path);
            throw e;
        }
        Hold hold = new Hold(path, channel);
        try {
            if (channel.tryLock() != null) {
                return Optional.of(hold);
            }
        } catch (IOException e) {
            hold.close();
            throw e;
        }
        hold.close();
        return Optional.empty();
    }

    /** The right to change the folder, given back by closing it or by the end of the process. */
    record Hold(Path path, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            try (channel) {
                HELD.remove(path);
            }
        }
    }

    /** Creates a new folder that only the owner can enter. */
    static void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }

    /** Creates a new file that only the owner can read. */
    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_FILE));
    }

    /** Removes a backup: its manifest first, so that what is listed is always there. */
    void remove(String name, Hold held) throws IOException {
        requireMine(held);
        shelf.remove(own(name + BackupName.MANIFEST));
        CrashPoint.hit("backup-unlisted");
        shelf.remove(own(name));
    }

    private void requireMine(Hold held) {
        if (!held.path().equals(path)) {
            throw new IllegalStateException("the hold is on " + held.path() + ", not on " + path);
        }
    }

    /** Names of backups that a person keeps from being removed, by a file or object {@code <name>.hold} beside each. */
    Set<String> heldBackups() throws IOException {
        return shelf.names().keySet().stream()
                .filter(name -> name.endsWith(HOLD))
                .map(name -> name.substring(0, name.length() - HOLD.length()))
                .collect(Collectors.toSet());
    }

    /** The stored bytes of what a manifest lists, by name; those that are gone are absent. */
    Map<String, Long> stored() throws IOException {
        return shelf.names();
    }

    /** Of these names, those of whole backups that a manifest lists. */
    Set<String> listed(Set<String> names) {
        Pattern backups = BackupName.backups(database);
        return names.stream()
                .filter(name -> name.endsWith(BackupName.MANIFEST))
                .map(BackupFolder::whole)
                .filter(name -> backups.matcher(name).matches())
                .collect(Collectors.toSet());
    }

    private static String whole(String name) {
        return name.endsWith(BackupName.MANIFEST)
                ? name.substring(0, name.length() - BackupName.MANIFEST.length())
                : name;
    }

    /** Removes what an earlier run left unfinished, here and on the shelf, which only who holds the folder may do. */
    void removeLeftovers(Hold held) throws IOException {
        requireMine(held);
        removeLeftovers(new FolderShelf(path));
        if (!isHere()) {
            removeLeftovers(shelf);
            shelf.removeUnfinished();
        }
    }

    /** As {@link #removeLeftovers}, as far as a store elsewhere can be reached: what is left there goes by the next task. */
    void tidy(Hold held) throws IOException {
        removeLocalLeftovers(held);
        if (!isHere()) {
            try {
                removeLeftovers(shelf);
            } catch (Failure storeIsGone) {
                // it is not listed, so it counts for nothing
            }
        }
    }

    /** Removes what an earlier run left unfinished in the folder itself, without asking a store elsewhere. */
    void removeLocalLeftovers(Hold held) throws IOException {
        requireMine(held);
        removeLeftovers(new FolderShelf(path));
    }

    private void removeLeftovers(Shelf place) throws IOException {
        Set<String> names = place.names().keySet();
        Set<String> listed = listed(names);
        for (String name : names) {
            if (own.matcher(name).matches() && !listed.contains(whole(name))) {
                place.remove(name);
            }
        }
    }

    /** Deletes a file or a folder with all in it, if it exists; follows no links. */
    static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Brings a folder's entries, or a file's content, to disk. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
