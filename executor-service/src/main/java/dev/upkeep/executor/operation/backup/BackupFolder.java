package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.operation.CrashPoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one database's backups. A file in it is either whole and listed by a manifest beside it, or ends in
 * {@code .partial}, or is a leftover that {@link #removeLeftovers} takes away; only names of its own form are ever removed, and
 * links are never followed. One process at a time changes it, held off by a lock on a file in it.
 */
final class BackupFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private static final String HOLD = ".hold";
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final DatabaseId database;
    private final Path path;
    private final Pattern own;

    BackupFolder(Path directory, DatabaseId database) {
        this.database = database;
        this.path = directory.toAbsolutePath().normalize().resolve(BackupName.folder(database));
        this.own = BackupName.own(database);
    }

    Path path() {
        return path;
    }

    Path file(String name) {
        if (!own.matcher(name).matches()) {
            throw new IllegalStateException(name + " is no name of a backup of " + database);
        }
        return path.resolve(name);
    }

    Path partial(String name) {
        return file(name + BackupName.PARTIAL);
    }

    /** Makes the folder if need be, closed to others. */
    void make() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
    }

    /** Takes the right to change the folder; empty if another process or thread has it. */
    Optional<Hold> hold() throws IOException {
        make();
        // within this process first: closing a second channel on the file would give up the lock of the first
        if (!HELD.add(path)) {
            return Optional.empty();
        }
        FileChannel channel =
                FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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

    /** Creates a new file that only the owner can read. */
    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_FILE));
    }

    /** Makes a partial file final: on disk under its name when this returns. */
    void publish(String name) throws IOException {
        Files.move(partial(name), file(name), StandardCopyOption.ATOMIC_MOVE);
        sync(path);
    }

    /** Puts content under a name in place of what was there, whole or not at all. */
    void write(String name, byte[] content) throws IOException {
        Path partial = partial(name);
        Files.deleteIfExists(partial);
        try (FileChannel channel = create(partial)) {
            java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(partial, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(path);
    }

    /** Removes a backup: its manifest first, so that what is listed is always there. */
    void remove(String name, Hold held) throws IOException {
        requireMine(held);
        Files.deleteIfExists(file(name + BackupName.MANIFEST));
        sync(path);
        CrashPoint.hit("backup-unlisted");
        deleteTree(file(name));
    }

    private void requireMine(Hold held) {
        if (!held.path().equals(path)) {
            throw new IllegalStateException("the hold is on " + held.path() + ", not on " + path);
        }
    }

    /** Names of backups that a person keeps from being removed, by a file {@code <name>.hold} beside each. */
    Set<String> heldBackups() throws IOException {
        return names().stream()
                .filter(name -> name.endsWith(HOLD))
                .map(name -> name.substring(0, name.length() - HOLD.length()))
                .collect(Collectors.toSet());
    }

    /** Names of the whole backups that a manifest lists. */
    List<String> listed() throws IOException {
        Pattern backups = BackupName.backups(database);
        return names().stream()
                .filter(name -> name.endsWith(BackupName.MANIFEST))
                .map(name -> name.substring(0, name.length() - BackupName.MANIFEST.length()))
                .filter(name -> backups.matcher(name).matches())
                .toList();
    }

    /** Removes what an earlier run left unfinished, which only who holds the folder may do. */
    List<String> removeLeftovers(Hold held) throws IOException {
        requireMine(held);
        List<String> removed = new ArrayList<>();
        Set<String> listed = Set.copyOf(listed());
        for (String name : names()) {
            String whole = name.endsWith(BackupName.MANIFEST)
                    ? name.substring(0, name.length() - BackupName.MANIFEST.length())
                    : name;
            if (own.matcher(name).matches() && !listed.contains(whole)) {
                deleteTree(path.resolve(name));
                removed.add(name);
            }
        }
        return removed;
    }

    private List<String> names() throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
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
