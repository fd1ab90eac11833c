package dev.upkeep.executor.operation.purge;

import com.github.luben.zstd.ZstdOutputStream;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.id.TableName;
import dev.upkeep.executor.operation.encryption.Keys;
import dev.upkeep.executor.operation.encryption.Unclosed;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One file of an archive while it grows, called {@code *.partial} until it is finished: frames of zstd one after another, each encrypted if there are keys, of which only those that are {@link #keep kept} stay. Used by one thread.
 */
final class ArchivePart implements Closeable {
    private static final int LEVEL = 3;

    private final int number;
    private final Path file;
    private final RowWriter writer;
    private final Keys keys;
    private final FileChannel channel;
    private final Map<String, Long> rows = new TreeMap<>();
    private long end;
    private long sealed;
    private @Nullable OutputStream frame;
    private @Nullable MessageDigest digest;

    private ArchivePart(int number, Path file, RowWriter writer, Keys keys, FileChannel channel) {
        this.number = number;
        this.file = file;
        this.writer = writer;
        this.keys = keys;
        this.channel = channel;
    }

    /** Creates the file; there must be none. */
    static ArchivePart create(int number, Path file, RowWriter writer, Keys keys) throws IOException {
        Path partial = partial(file);
        FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Folders.keepPrivate(partial);
        Folders.force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        return new ArchivePart(number, file, writer, keys, channel);
    }

    static Path partial(Path file) {
        return file.resolveSibling(file.getFileName() + ".partial");
    }

    void write(TableName table, String json) throws IOException {
        if (frame == null) {
            MessageDigest fresh = Sha256.begin();
            OutputStream stored =
                    keys.encrypt(new DigestOutputStream(new Unclosed(Channels.newOutputStream(channel)), fresh));
            if (keys.encryption().isPresent()) {
                FramePlace.in(folder(), number, end).write(stored);
            }
            OutputStream opened = new BufferedOutputStream(new ZstdOutputStream(stored, LEVEL), 64 * 1024);
            digest = fresh;
            frame = opened;
            writer.begin(opened, end == 0);
        }
        writer.write(table, json);
        rows.merge(table.text(), 1L, Long::sum);
    }

    /** Ends the frame and brings it to the disk. */
    ArchiveLog.Frame seal() throws IOException {
        if (frame == null || digest == null) {
            throw new IllegalStateException("no frame has begun");
        }
        endFrame();
        channel.force(false);
        sealed = channel.position() - end;
        return new ArchiveLog.Frame(
                number, end, sealed, HexFormat.of().formatHex(digest.digest()), Map.copyOf(rows), keys.encryption());
    }

    private Path folder() {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private void endFrame() throws IOException {
        if (frame != null) {
            writer.end();
            frame.close();
            frame = null;
        }
    }

    /** The sealed frame is listed and stays. */
    void keep() {
        end += sealed;
        sealed = 0;
        rows.clear();
    }

    /** Forgets what was written since the last frame that was kept. */
    void abandon() throws IOException {
        endFrame();
        rows.clear();
        sealed = 0;
        channel.truncate(end);
        channel.position(end);
    }

    long length() {
        return end;
    }

    /** Gives the file its name, or removes it if it is empty. */
    void finish() throws IOException {
        channel.force(true);
        channel.close();
        name(file, end);
    }

    /** Gives a part that is written its name, or removes it if it is empty. */
    static void name(Path file, long length) throws IOException {
        if (length == 0) {
            Files.delete(partial(file));
        } else {
            Files.move(partial(file), file, StandardCopyOption.ATOMIC_MOVE);
        }
        Folders.force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
