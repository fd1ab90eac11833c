package dev.upkeep.executor.operation.backup;

import com.github.luben.zstd.ZstdOutputStream;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.executor.operation.encryption.Keys;
import dev.upkeep.executor.operation.store.Upload;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;

/**
 * Writes content into a new place: compressed, encrypted if there are keys for that, and hashed as it is stored. Only {@link
 * #complete} makes it whole; closing before that gives it up. Not thread-safe.
 */
final class StoredOutput extends OutputStream {
    private static final int BUFFER = 64 * 1024;

    private final Upload upload;
    private final Sink sink;
    private final OutputStream out;
    private long contentBytes;

    private StoredOutput(Upload upload, Sink sink, OutputStream out) {
        this.upload = upload;
        this.sink = sink;
        this.out = out;
    }

    /** @param level of zstd; the others have one of their own */
    static StoredOutput create(Upload upload, Compression compression, int level, Keys keys) throws IOException {
        Sink sink = new Sink(upload);
        return new StoredOutput(upload, sink, compressed(keys.encrypt(sink), compression, level));
    }

    private static OutputStream compressed(OutputStream to, Compression compression, int level) throws IOException {
        switch (compression) {
            case ZSTD -> {
                ZstdOutputStream zstd = new ZstdOutputStream(to, level);
                zstd.setChecksum(true);
                return zstd;
            }
            case LZ4 -> {
                return new LZ4FrameOutputStream(
                        to,
                        LZ4FrameOutputStream.BLOCKSIZE.SIZE_256KB,
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE,
                        LZ4FrameOutputStream.FLG.Bits.CONTENT_CHECKSUM);
            }
            case GZIP -> {
                return new GZIPOutputStream(to, BUFFER);
            }
            case NONE -> {
                return to;
            }
        }
        throw new IllegalStateException("no such compression: " + compression);
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

    /** Writes what is held back, and makes all of it be there, durably. */
    void complete() throws IOException {
        out.close();
        upload.complete();
    }

    @Override
    public void close() throws IOException {
        try (upload) {
            sink.isClosed = true;
            out.close();
        }
    }

    long contentBytes() {
        return contentBytes;
    }

    /** Stored bytes; final after {@link #complete}. */
    long storedBytes() {
        return sink.bytes;
    }

    /** Of the stored bytes; to be asked once, after {@link #complete}. */
    String sha256() {
        return HexFormat.of().formatHex(sink.digest.digest());
    }

    /** Hashes what goes by; what compression and encryption write at their close after a failure goes nowhere. */
    private static final class Sink extends OutputStream {
        private final Upload upload;
        private final MessageDigest digest = Sha256.begin();
        private long bytes;
        private boolean isClosed;

        Sink(Upload upload) {
            this.upload = upload;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] content, int offset, int count) throws IOException {
            if (isClosed) {
                return;
            }
            upload.write(content, offset, count);
            digest.update(content, offset, count);
            bytes += count;
        }
    }
}
