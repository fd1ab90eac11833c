package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What rewriting a whole SQLite file asks of the host and of the application. SQLite builds the new file in its temporary
 * folder and then carries it over through the log or the rollback journal, which lies beside the file: each needs room.
 */
final class Rewrite {
    /** Applications commonly wait 5 s for the lock; longer than this and their writes fail. */
    static final Duration BEARABLE = Duration.ofSeconds(4);

    /** A rewrite was never seen slower than this on a disk of its own; measured rates are 3 to 5 times as much. */
    private static final long BYTES_PER_SECOND = 64L * 1024 * 1024;

    private static final double SPARE = 1.2;

    private Rewrite() {}

    /** How long writers have to wait, about. */
    static Duration writersWait(SqliteFigures figures) {
        return Duration.ofMillis((figures.bytes() - figures.freeBytes()) * 1000 / BYTES_PER_SECOND);
    }

    /** Why an automatic rewrite is refused. */
    static Reason tooLong(Path file, Duration wait) {
        return new Reason(
                Code.GUARDRAIL,
                "a VACUUM of " + file + " would keep writers waiting for about " + wait.toSeconds() + " s, more than "
                        + BEARABLE.toSeconds() + " s; order mode plain in a window in which the application is quiet");
    }

    /** Why there is no room; empty if there is enough. */
    static Optional<Reason> noRoom(Path file, SqliteFigures figures) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent());
        Path temporary = temporaryFolder();
        long copy = (long) ((figures.bytes() - figures.freeBytes()) * SPARE);
        long carried = figures.isWal() ? copy : (long) (figures.bytes() * SPARE);
        FileStore beside = Files.getFileStore(folder);
        FileStore spare = Files.getFileStore(temporary);
        if (beside.equals(spare)) {
            return lacking(folder, beside, copy + carried);
        }
        return lacking(folder, beside, carried).or(() -> {
            try {
                return lacking(temporary, spare, copy);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static Optional<Reason> lacking(Path folder, FileStore store, long needed) throws IOException {
        long free = store.getUsableSpace();
        return free >= needed
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.DISK_FULL,
                        "a VACUUM needs " + needed + " bytes free for " + folder + "; there are " + free
                                + ". Make room, or use mode incremental"));
    }

    /** The folder that SQLite takes, in its order. */
    private static Path temporaryFolder() {
        return Stream.of(System.getenv("SQLITE_TMPDIR"), System.getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp")
                .filter(Objects::nonNull)
                .map(Path::of)
                .filter(path -> Files.isDirectory(path) && Files.isWritable(path))
                .findFirst()
                .orElse(Path.of("."));
    }
}
