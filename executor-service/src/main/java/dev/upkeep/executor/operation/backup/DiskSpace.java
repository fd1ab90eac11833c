package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** Refuses to begin what would fill a disk. */
final class DiskSpace {
    private static final double MARGIN = 1.2;
    private static final int SQLITE_FULL = 13;

    private final long leastFree;

    DiskSpace(long leastFree) {
        this.leastFree = leastFree;
    }

    /** A failure with code {@code DISK_FULL} unless there is room for so many bytes, a fifth more, and what must stay free. */
    void require(Path folder, long bytes) throws IOException {
        long free = free(folder);
        long wanted = (long) (bytes * MARGIN) + leastFree;
        if (free < wanted) {
            throw new Failure(
                    Code.DISK_FULL,
                    folder + " has " + free / 1_000_000 + " MB free, and about " + wanted / 1_000_000
                            + " MB are needed; nothing was begun: make room, or keep fewer backups");
        }
    }

    /** Bytes that are free where this folder is, or will be. */
    static long free(Path folder) throws IOException {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return Files.getFileStore(existing).getUsableSpace();
    }

    /** Whether these are the words for it. */
    static boolean isFull(String message) {
        return message.contains("No space left on device")
                || message.contains("Disk quota exceeded")
                || message.contains("SQLITE_FULL");
    }

    /** If the error says that the disk is full, a failure that says where. */
    static Optional<Failure> full(Exception error, Path folder) {
        boolean isFull = !(error instanceof Failure)
                && (isFull(String.valueOf(error.getMessage()))
                        || (error instanceof SQLException sql && sql.getErrorCode() == SQLITE_FULL));
        return isFull
                ? Optional.of(new Failure(
                        Code.DISK_FULL,
                        "the disk of " + folder + " became full; what was written is removed: make room",
                        error))
                : Optional.empty();
    }
}
