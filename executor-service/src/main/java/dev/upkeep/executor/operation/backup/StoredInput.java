package dev.upkeep.executor.operation.backup;

import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.task.Backup.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.HexFormat;

/** Reads a stored backup's content, and hashes the stored bytes on the way. Not thread-safe. */
final class StoredInput extends InputStream {
    private final DigestInputStream stored;
    private final InputStream content;

    private StoredInput(DigestInputStream stored, InputStream content) {
        this.stored = stored;
        this.content = content;
    }

    static StoredInput open(Path file, Compression compression) throws IOException {
        DigestInputStream stored =
                new DigestInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), StoredOutput.newDigest());
        return new StoredInput(stored, compression == Compression.NONE ? stored : new ZstdInputStream(stored));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        return content.read(bytes, offset, count);
    }

    /** Reads the rest of the stored bytes, and gives the hash of all of them; to be asked once. */
    String sha256() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        while (stored.read(buffer) >= 0) {
            // only the hash is wanted
        }
        return HexFormat.of().formatHex(stored.getMessageDigest().digest());
    }

    @Override
    public void close() throws IOException {
        try (stored) {
            content.close();
        }
    }
}
