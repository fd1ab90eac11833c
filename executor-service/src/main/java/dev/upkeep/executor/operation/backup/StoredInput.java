package dev.upkeep.executor.operation.backup;

import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Keys;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stored backup's content, and hashes the stored bytes on the way. What cannot be decrypted or decompressed is {@link
 * Damaged}; a store that cannot be read is a failure of its own, and says nothing about the backup. Not thread-safe.
 */
final class StoredInput extends InputStream {
    private static final int BUFFER = 64 * 1024;

    private final StoreBytes bytes;
    private final DigestInputStream stored;
    private final InputStream content;

    private StoredInput(StoreBytes bytes, DigestInputStream stored, InputStream content) {
        this.bytes = bytes;
        this.stored = stored;
        this.content = content;
    }

    /** The stored bytes are not what was written. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String message, Exception cause) {
            super(message, cause);
        }
    }

    /**
     * The content.
     *
     * @throws Failure with code {@code KEY_MISSING} if no key opens it
     */
    static StoredInput open(Blob blob, Manifest.StoredFile file, Keys keys) throws IOException {
        StoreBytes bytes = new StoreBytes(blob.open(), blob.place());
        DigestInputStream stored = new DigestInputStream(bytes, Sha256.begin());
        try {
            InputStream plain = file.encryption().isPresent()
                    ? keys.decrypt(stored, blob.place(), file.encryption().get())
                    : stored;
            return new StoredInput(bytes, stored, decompressed(plain, file.compression()));
        } catch (IOException e) {
            stored.close();
            throw bytes.damaged(e);
        } catch (RuntimeException e) {
            stored.close();
            bytes.requireRead();
            throw e;
        }
    }

    /** The stored bytes as they are. */
    static StoredInput raw(Blob blob) throws IOException {
        StoreBytes bytes = new StoreBytes(blob.open(), blob.place());
        DigestInputStream stored = new DigestInputStream(bytes, Sha256.begin());
        return new StoredInput(bytes, stored, stored);
    }

    private static InputStream decompressed(InputStream from, Compression compression) throws IOException {
        return switch (compression) {
            case ZSTD -> new ZstdInputStream(from);
            case LZ4 -> new LZ4FrameInputStream(from);
            case GZIP -> new GZIPInputStream(from, BUFFER);
            case NONE -> from;
        };
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        try {
            return content.read(buffer, offset, count);
        } catch (IOException e) {
            throw bytes.damaged(e);
        }
    }

    /** Reads the rest of the stored bytes, and gives the hash of all of them; to be asked once. */
    String sha256() throws IOException {
        byte[] buffer = new byte[BUFFER];
        while (stored.read(buffer) >= 0) {
            // only the hash is wanted
        }
        return HexFormat.of().formatHex(stored.getMessageDigest().digest());
    }

    @Override
    public void close() throws IOException {
        try (stored) {
            if (content != stored) {
                content.close();
            }
        }
    }

    /** Tells a store that cannot be read from content that is wrong. */
    private static final class StoreBytes extends FilterInputStream {
        private final String place;
        private @Nullable Failure unreadable;

        StoreBytes(InputStream in, String place) {
            super(in);
            this.place = place;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            try {
                return in.read(bytes, offset, count);
            } catch (IOException e) {
                Failure failure = new Failure(Code.STORE_UNAVAILABLE, place + " cannot be read: " + e.getMessage(), e);
                unreadable = failure;
                throw failure;
            } catch (Failure e) {
                unreadable = e;
                throw e;
            }
        }

        /** Throws why the store could not be read, if it could not: what decrypts may make a damage of it. */
        void requireRead() {
            Failure why = unreadable;
            if (why != null) {
                throw why;
            }
        }

        Damaged damaged(IOException e) {
            requireRead();
            return e instanceof Damaged already ? already : new Damaged(String.valueOf(e.getMessage()), e);
        }
    }
}
