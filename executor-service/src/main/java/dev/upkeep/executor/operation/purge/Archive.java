package dev.upkeep.executor.operation.purge;

import com.github.luben.zstd.ZstdOutputStream;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of one purge are written before they are deleted: parts of JSON Lines, compressed with zstd, one frame for
 * each batch. A batch may only be committed after {@link #seal}: its frame is then on the disk, and so is the line of {@link
 * ArchiveLog} that lists it with its hash.
 *
 * <p>A part is called {@code *.partial} until it is full or the purge ends. After a crash the frames that are listed are kept
 * and what follows them is cut off: those rows were not deleted. Rows of a batch that was listed and not committed are in the
 * archive twice; none is missing. Used by one thread.
 */
final class Archive implements Closeable, Session.RowSink {
    private static final long FULL = 256L << 20;
    private static final int LEVEL = 3;

    private final Path folder;
    private final ArchiveLog log;
    private final long full;
    private int part;
    private long end;
    private @Nullable FileChannel channel;
    private @Nullable OutputStream frame;
    private @Nullable MessageDigest digest;
    private boolean isOpenEnded;
    private final Map<String, Long> rows = new TreeMap<>();

    private Archive(Path folder, ArchiveLog log, long full) {
        this.folder = folder;
        this.log = log;
        this.full = full;
    }

    static Archive open(Path folder) throws IOException {
        return open(folder, FULL);
    }

    static Archive open(Path folder, long full) throws IOException {
        Folders.make(folder);
        Archive archive = new Archive(folder, ArchiveLog.open(folder), full);
        archive.part = Math.max(1, archive.log.lastPart());
        if (Files.exists(folder.resolve(ArchiveLog.partName(archive.part)))
                || ArchivedParts.isCopied(folder, archive.part)) {
            archive.part++;
        }
        return archive;
    }

    @Override
    public void row(TableName table, String json) throws IOException {
        OutputStream out = frame == null ? beginFrame() : frame;
        out.write(("{\"table\":" + Json.text(table.text()) + ",\"row\":" + json + "}\n")
                .getBytes(StandardCharsets.UTF_8));
        rows.merge(table.text(), 1L, Long::sum);
    }

    /** Makes all rows since the last call durable and lists them. Without rows it does nothing. */
    void seal() throws IOException {
        if (frame == null || channel == null || digest == null) {
            return;
        }
        frame.close();
        frame = null;
        channel.force(false);
        long length = channel.position() - end;
        log.add(part, end, length, HexFormat.of().formatHex(digest.digest()), rows);
        end += length;
        rows.clear();
        isOpenEnded = true;
        if (end >= full) {
            finishPart();
        }
    }

    /** The batch whose rows were sealed last is committed. */
    void confirm() {
        isOpenEnded = false;
    }

    /**
     * Forgets the rows since the last {@link #seal}.
     *
     * @param isRolledBack whether the batch is known not to have been committed; rows that were sealed for it stay in the
     *     archive, marked as revoked if so
     */
    void abandon(boolean isRolledBack) throws IOException {
        rows.clear();
        if (isOpenEnded && isRolledBack) {
            log.revoke();
        }
        isOpenEnded = false;
        if (frame == null || channel == null) {
            return;
        }
        frame.close();
        frame = null;
        channel.truncate(end);
        channel.position(end);
    }

    /** Gives the last part its name. */
    void finish() throws IOException {
        if (channel != null) {
            finishPart();
        } else if (Files.exists(partial())) {
            openPart();
            finishPart();
        }
    }

    /** How many rows of each table are listed in it. */
    Map<String, Long> rows() {
        Map<String, Long> all = new TreeMap<>();
        log.entries().stream()
                .filter(entry -> !entry.revoked())
                .forEach(entry -> entry.rows().forEach((table, count) -> all.merge(table, count, Long::sum)));
        return all;
    }

    private OutputStream beginFrame() throws IOException {
        FileChannel open = channel == null ? openPart() : channel;
        MessageDigest fresh = Folders.sha256();
        digest = fresh;
        ZstdOutputStream zstd = new ZstdOutputStream(
                new DigestOutputStream(new Unclosed(Channels.newOutputStream(open)), fresh), LEVEL);
        OutputStream opened = new BufferedOutputStream(zstd, 64 * 1024);
        frame = opened;
        return opened;
    }

    private FileChannel openPart() throws IOException {
        Path partial = partial();
        end = log.lengthOf(part);
        FileChannel open =
                FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel = open;
        if (open.size() < end) {
            throw new Failure(
                    Code.CORRUPT,
                    "the archive's part " + partial
                            + " is shorter than its log says; keep the folder, and find out who cut it");
        }
        Folders.keepPrivate(partial);
        open.truncate(end);
        open.position(end);
        Folders.force(folder);
        return open;
    }

    private void finishPart() throws IOException {
        if (channel == null) {
            return;
        }
        channel.force(true);
        channel.close();
        channel = null;
        if (end == 0) {
            Files.delete(partial());
        } else {
            Files.move(partial(), folder.resolve(ArchiveLog.partName(part)), StandardCopyOption.ATOMIC_MOVE);
            part++;
        }
        end = 0;
        Folders.force(folder);
    }

    private Path partial() {
        return folder.resolve(ArchiveLog.partName(part) + ".partial");
    }

    /** Closes without giving the last part its name: an attempt that comes later goes on in it. */
    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
        log.close();
    }

    /** Ends a frame without closing the file. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
