package dev.upkeep.executor.operation.backup;

import com.github.luben.zstd.ZstdOutputStream;
import dev.upkeep.common.task.Backup.Compression;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Writes content into a new file: compressed, hashed as it is stored, brought to disk steadily rather than in one flood at the
 * end. When {@link #close} has returned, all of it is on disk. Not thread-safe.
 */
final class StoredOutput extends OutputStream {
    private static final long FLUSH_EVERY = 16L * 1024 * 1024;

    private final Sink sink;
    private final OutputStream out;
    private long contentBytes;

    private StoredOutput(Sink sink, OutputStream out) {
        this.sink = sink;
        this.out = out;
    }

    static StoredOutput create(Path file, Compression compression, int level) throws IOException {
        Sink sink = new Sink(BackupFolder.create(file));
        if (compression == Compression.NONE) {
            return new StoredOutput(sink, sink);
        }
        ZstdOutputStream zstd = new ZstdOutputStream(sink, level);
        zstd.setChecksum(true);
        return new StoredOutput(sink, zstd);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        out.write(bytes, offset, count);
        contentBytes += count;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    long contentBytes() {
        return contentBytes;
    }

    /** Bytes in the file; final after {@link #close}. */
    long storedBytes() {
        return sink.bytes;
    }

    /** Of the stored bytes; to be asked once, after {@link #close}. */
    String sha256() {
        return HexFormat.of().formatHex(sink.digest.digest());
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static final class Sink extends OutputStream {
        private final FileChannel channel;
        private final MessageDigest digest = newDigest();
        private long bytes;
        private long flushed;

        Sink(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] content, int offset, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(content, offset, count);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            digest.update(content, offset, count);
            bytes += count;
            if (bytes - flushed >= FLUSH_EVERY) {
                channel.force(false);
                flushed = bytes;
            }
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                if (channel.isOpen()) {
                    channel.force(true);
                }
            }
        }
    }
}
