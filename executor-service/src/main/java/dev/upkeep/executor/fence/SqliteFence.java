package dev.upkeep.executor.fence;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A locked file beside the database file, {@code <file>.upkeep-lock}, that names its holder; the kernel drops the lock when the
 * process ends, and the holder removes the file. After locking it makes sure that the file it locked is still the one at that
 * path: another may have removed it in between. Since a process loses its locks on a file when it closes that file anywhere,
 * nobody in this process opens it while it is held.
 */
final class SqliteFence implements Fence {
    private static final int TRIES = 20;
    private static final int MOST_PADDING = 4_000;
    private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

    private final Path path;
    private final FileChannel channel;
    private final Optional<Object> file;

    private SqliteFence(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.file = fileAt(path);
    }

    /** Which file is at the path: its device and inode, learned without opening it. */
    private static Optional<Object> fileAt(Path path) throws IOException {
        return Optional.ofNullable(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
    }

    static SqliteFence hold(SqliteDatabase database, ExecutorId executor) throws IOException {
        Path path = Path.of(database.file() + ".upkeep-lock");
        String self =
                "executor " + executor + ", process " + ProcessHandle.current().pid();
        String holder = HELD.putIfAbsent(path, self);
        if (holder != null) {
            throw held(database, path, holder);
        }
        try {
            FileChannel channel = lock(database, path, self);
            try {
                return new SqliteFence(path, channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            HELD.remove(path);
            throw e;
        }
    }

    private static FileChannel lock(SqliteDatabase database, Path path, String self) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            FileChannel channel = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            try {
                if (channel.tryLock() == null) {
                    throw held(database, path, content(channel));
                }
                String unique = self + " ".repeat(ThreadLocalRandom.current().nextInt(MOST_PADDING)) + "\n";
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(unique.getBytes(StandardCharsets.UTF_8)), 0);
                if (isAt(path, channel)) {
                    return channel;
                }
                channel.close();
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
        throw new Failure(Code.BUSY, "the lock file " + path + " changed hands too often");
    }

    private static Failure held(SqliteDatabase database, Path path, String holder) {
        return new Failure(
                Code.OTHER_EXECUTOR,
                "database " + database.id() + " is held by another: " + holder + " (" + path
                        + "); only one executor may claim a database");
    }

    /** Compares sizes, which were made to differ by chance: opening the file at the path would cost the lock. */
    private static boolean isAt(Path path, FileChannel channel) throws IOException {
        try {
            return Files.size(path) == channel.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static String content(FileChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(200);
        channel.read(start, 0);
        return new String(start.array(), 0, start.position(), StandardCharsets.UTF_8).strip();
    }

    @Override
    public boolean isHeld() {
        try {
            return channel.isOpen() && fileAt(path).equals(file);
        } catch (IOException e) {
            return false; // somebody removed it, so that another may lock a new one
        }
    }

    @Override
    public void close() {
        try {
            if (isHeld()) {
                Files.deleteIfExists(path);
            }
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock file " + path + " could not be released", e);
        } finally {
            HELD.remove(path);
        }
    }
}
