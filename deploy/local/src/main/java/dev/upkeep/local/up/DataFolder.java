package dev.upkeep.local.up;

import dev.upkeep.local.server.LocalFailure;
import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that everything is kept in, locked for one launcher at a time. A folder that holds other things is refused, so that
 * {@link #reset} can never delete them.
 */
final class DataFolder implements AutoCloseable {
    private static final String MARKER = "upkeep-local";

    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    static DataFolder open(Path path) {
        try {
            Files.createDirectories(path);
            Path marker = path.resolve(MARKER);
            if (!Files.exists(marker) && !isEmpty(path)) {
                throw new LocalFailure(
                        Code.FOLDER,
                        "folder %s: holds other things (must be empty or made by this launcher)".formatted(path));
            }
            FileChannel channel = FileChannel.open(
                    marker, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                String holder = Files.readString(marker).strip();
                channel.close();
                throw new LocalFailure(
                        Code.FOLDER,
                        "folder %s: in use by another launcher (pid %s): stop it, or give another folder by --data"
                                .formatted(path, holder));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
                    0);
            return new DataFolder(path, channel);
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s cannot be used: %s".formatted(path, e), e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null && lock.isValid();
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /** Deletes all but the lock. */
    void reset() {
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> doomed = files.filter(file -> !file.equals(path) && !file.equals(path.resolve(MARKER)))
                    .sorted(Comparator.reverseOrder())
                    .toList();
            for (Path file : doomed) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s cannot be emptied: %s".formatted(path, e), e);
        }
    }

    Path path() {
        return path;
    }

    /** A folder in it, made if need be. */
    Path folder(String name) {
        try {
            return Files.createDirectories(path.resolve(name));
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s cannot be made: %s".formatted(path.resolve(name), e), e);
        }
    }

    /** Writes a file that only this user can read. */
    Path secret(String name, String content) {
        Path file = path.resolve(name);
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent());
            }
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "file %s cannot be written: %s".formatted(file, e), e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s cannot be unlocked: %s".formatted(path, e), e);
        }
    }
}
