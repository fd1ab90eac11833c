package dev.upkeep.executor.operation.files;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;

/**
 * The folder {@code .upkeep-quarantine} in a store's root: for each receipt a list {@code <receipt>.jsonl}, durable before any
 * file is moved, and a folder with the files under flat names. Moves are renames by folder handles: atomic, and never through
 * a link. Used by one thread at a time, as one destructive task runs on a database at a time.
 */
final class Quarantine {
    /** The folder's name; walks leave it out. */
    static final String FOLDER = ".upkeep-quarantine";

    private static final String LIST = ".jsonl";

    private final Path root;
    private final Path folder;

    /** One line of a list. */
    record Entry(Instant at, String path, String name, long bytes) {}

    Quarantine(Path root) {
        this.root = root;
        this.folder = root.resolve(FOLDER);
    }

    /** Writes down what is about to be moved, durably. */
    void intend(String receipt, List<Orphan> orphans, Instant at) throws IOException {
        make(folder);
        make(folder.resolve(receipt));
        try (FileChannel list = FileChannel.open(
                list(receipt), StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS)) {
            for (Orphan orphan : orphans) {
                byte[] line = Wire.write(new Entry(at, orphan.path(), flat(orphan.path()), orphan.bytes()));
                ByteBuffer bytes = ByteBuffer.allocate(line.length + 1)
                        .put(line)
                        .put((byte) '\n')
                        .flip();
                while (bytes.hasRemaining()) {
                    list.write(bytes);
                }
            }
            list.force(true);
        }
    }

    private static void make(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
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
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Moves a file back to where it was; says no if one is there again, or if it is no longer in quarantine. */
    boolean giveBack(String receipt, String relativePath) throws IOException {
        Path path = Path.of(relativePath);
        Path parent = root.resolve(path).getParent();
        if (parent == null
                || path.isAbsolute()
                || !root.resolve(path).normalize().startsWith(root)) {
            throw new Failure(Code.VERIFICATION_FAILED, list(receipt) + " names a path outside " + root);
        }
        Files.createDirectories(parent);
        try (SecureDirectoryStream<Path> from = FileWalk.open(folder.resolve(receipt));
                SecureDirectoryStream<Path> to = parentOf(path)) {
            if (exists(to, path.getFileName())) {
                return false;
            }
            from.move(Path.of(flat(relativePath)), to, path.getFileName());
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
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

    private static boolean exists(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            attributes(folder, name);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** What a receipt lists and is still there, by path. */
    Map<String, Entry> entries(String receipt) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        if (!Files.isRegularFile(list(receipt), LinkOption.NOFOLLOW_LINKS)) {
            return entries;
        }
        for (String line : Files.readAllLines(list(receipt))) {
            try {
                Entry entry = Wire.read(line.getBytes(StandardCharsets.UTF_8), Entry.class);
                Path file = folder.resolve(receipt).resolve(flat(entry.path()));
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    entries.put(entry.path(), entry);
                }
            } catch (Unreadable e) {
                break; // the last line of a list that was being written when the power failed; nothing was moved for it
            }
        }
        return entries;
    }

    /** Whether there is a receipt of this name. */
    boolean has(String receipt) {
        return Files.isRegularFile(list(receipt), LinkOption.NOFOLLOW_LINKS);
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
                }
            }
            Files.deleteIfExists(files);
        }
        Files.deleteIfExists(list(receipt));
    }

    /** Forgets a receipt from which everything was given back. */
    void forgetIfEmpty(String receipt) throws IOException {
        if (entries(receipt).isEmpty()) {
            remove(receipt, List.of());
        }
    }

    private List<String> receipts() throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(LIST))
                    .map(name -> name.substring(0, name.length() - LIST.length()))
                    .sorted()
                    .toList();
        }
    }

    private Path list(String receipt) {
        return folder.resolve(receipt + LIST);
    }

    /** A name without folders, the same for the same path. */
    private static String flat(String path) {
        return Digest.of(path, 40);
    }
}
