package dev.upkeep.executor.operation.files;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.files.ReceiptList.Entry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder {@code .upkeep-quarantine} in a store's root: for each receipt a {@link ReceiptList}, durable before any file
 * is moved, and a folder with the files under flat names. Moves are renames by folder handles: atomic, and never through
 * a link. Used by one thread at a time, as one destructive task runs on a database at a time.
 */
final class Quarantine {
    /** The folder's name; walks leave it out. */
    static final String FOLDER = ".upkeep-quarantine";

    private final Path root;
    private final Path folder;

    Quarantine(Path root) {
        this.root = root;
        this.folder = root.resolve(FOLDER);
    }

    /** Writes down what is about to be moved, durably. */
    void intend(String receipt, List<Orphan> orphans, Instant at) throws IOException {
        boolean isNew = make(folder);
        isNew |= make(folder.resolve(receipt));
        isNew |= list(receipt)
                .add(orphans.stream()
                        .map(orphan -> new Entry(at, orphan.path(), flat(orphan.path()), orphan.bytes()))
                        .toList());
        if (isNew) {
            persist(folder);
            persist(root);
        }
        CrashPoint.hit("files-intended");
    }

    private static boolean make(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return true;
    }

    /** Makes the names in a folder durable. */
    private static void persist(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Moves a file in, if it is still the one that was looked at. */
    boolean take(String receipt, Orphan orphan) throws IOException {
        Path path = Path.of(orphan.path());
        try (SecureDirectoryStream<Path> from = parentOf(path);
                SecureDirectoryStream<Path> to = FileWalk.open(folder.resolve(receipt))) {
            Path name = path.getFileName();
            if (!orphan.isStill(attributes(from, name))) {
                return false;
            }
            from.move(name, to, Path.of(flat(orphan.path())));
            CrashPoint.hit("file-moved");
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Moves a file back to where it was; says no if one is there again, or if it is no longer in quarantine. Never replaces a file
     * that the application makes meanwhile: the file gets its old name as a second one, and then loses that in quarantine. After a
     * crash in between it has both, and giving it back again ends the move.
     */
    boolean giveBack(String receipt, String relativePath) throws IOException {
        Path path = Path.of(relativePath);
        Path parent = root.resolve(path).getParent();
        if (parent == null
                || path.isAbsolute()
                || !root.resolve(path).normalize().startsWith(root)) {
            throw new Failure(Code.VERIFICATION_FAILED, list(receipt).file() + " names a path outside " + root);
        }
        if (!makeParents(root.relativize(parent))) {
            return false;
        }
        try (SecureDirectoryStream<Path> from = FileWalk.open(folder.resolve(receipt));
                SecureDirectoryStream<Path> to = parentOf(path)) {
            Path hidden = Path.of(flat(relativePath));
            Object moved = identity(from, hidden);
            if (!link(root.resolve(path), folder.resolve(receipt).resolve(hidden))
                    && !isSame(moved, to, path.getFileName())
                    && !takePlace(from, hidden, to, path.getFileName())) {
                return false;
            }
            if (!isSame(moved, to, path.getFileName())) {
                throw new Failure(
                        Code.VERIFICATION_FAILED,
                        root.resolve(path) + " was given back and is not there; its folder was replaced meanwhile");
            }
            deleteIfThere(from, hidden);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Gives a file a second name, unless one is there already: what the application creates in the same instant stays. Says no
     * also where the file system or its rules forbid such names.
     */
    private static boolean link(Path name, Path file) throws IOException {
        try {
            Files.createLink(name, file);
            CrashPoint.hit("file-linked");
            return true;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Where a second name is not to be had: creates an empty file, which fails if one is there, and moves onto that. */
    private static boolean takePlace(
            SecureDirectoryStream<Path> from, Path hidden, SecureDirectoryStream<Path> to, Path name)
            throws IOException {
        try (SeekableByteChannel place = to.newByteChannel(
                name, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            Object own = identity(to, name);
            if (place.size() > 0 || !isSame(own, to, name)) {
                return false;
            }
            from.move(hidden, to, name);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static Object identity(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        return Objects.requireNonNull(attributes(folder, name).fileKey());
    }

    private static boolean isSame(Object file, SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            return file.equals(identity(folder, name));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void deleteIfThere(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            folder.deleteFile(name);
        } catch (NoSuchFileException e) {
            // it was moved
        }
    }

    /** Makes the folders that are gone again; says no if one of them is a link or a file by now. */
    private boolean makeParents(Path relativePath) throws IOException {
        Path at = root;
        for (Path name : relativePath) {
            at = at.resolve(name);
            if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(at);
            } else if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    /** The handle of the folder that a file is in, reached from the root step by step without following links. */
    private SecureDirectoryStream<Path> parentOf(Path path) throws IOException {
        SecureDirectoryStream<Path> handle = FileWalk.open(root);
        for (int i = 0; i < path.getNameCount() - 1; i++) {
            try (SecureDirectoryStream<Path> above = handle) {
                handle = above.newDirectoryStream(path.getName(i), LinkOption.NOFOLLOW_LINKS);
            } catch (FileSystemException e) {
                throw new NoSuchFileException(path.toString(), null, "a folder of it is gone or became a link");
            }
        }
        return handle;
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        return folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /** What a receipt lists and is still there, by path. */
    Map<String, Entry> entries(String receipt) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Entry entry : list(receipt).read()) {
            Path file = folder.resolve(receipt).resolve(flat(entry.path()));
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                entries.put(entry.path(), entry);
            }
        }
        return entries;
    }

    /** Whether there is a receipt of this name. */
    boolean has(String receipt) {
        return list(receipt).exists();
    }

    /** Removes for good what was taken before this instant, and what is left of empty receipts; counts only if {@code dryRun}. */
    PurgeFiles.Files expire(Instant before, boolean dryRun) throws IOException {
        long count = 0;
        long bytes = 0;
        for (String receipt : receipts()) {
            List<Entry> entries = new ArrayList<>(entries(receipt).values());
            if (entries.stream().anyMatch(entry -> !entry.at().isBefore(before))) {
                continue;
            }
            count += entries.size();
            bytes += entries.stream().mapToLong(Entry::bytes).sum();
            if (!dryRun) {
                remove(receipt, entries);
            }
        }
        return new PurgeFiles.Files(count, bytes);
    }

    private void remove(String receipt, List<Entry> entries) throws IOException {
        Path files = folder.resolve(receipt);
        if (Files.isDirectory(files, LinkOption.NOFOLLOW_LINKS)) {
            try (SecureDirectoryStream<Path> handle = FileWalk.open(files)) {
                for (Entry entry : entries) {
                    handle.deleteFile(Path.of(flat(entry.path())));
                    CrashPoint.hit("file-removed");
                }
            }
            Files.deleteIfExists(files);
        }
        list(receipt).delete();
    }

    /** Forgets a receipt from which everything was given back. */
    void forgetIfEmpty(String receipt) throws IOException {
        if (entries(receipt).isEmpty()) {
            remove(receipt, List.of());
        }
    }

    /** All receipts, oldest first. */
    List<String> receipts() throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(ReceiptList::isOne)
                    .map(ReceiptList::receipt)
                    .sorted()
                    .toList();
        }
    }

    private ReceiptList list(String receipt) {
        return ReceiptList.of(folder, receipt);
    }

    /** A name without folders, the same for the same path. */
    private static String flat(String path) {
        return Sha256.hex(path).substring(0, 40);
    }
}
