package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the tar that pg_basebackup writes, file by file: names of at most 99 bytes, plain files, folders and links, no extensions. Each
 * header's checksum is compared. Not thread-safe.
 */
final class Tar {
    private static final int BLOCK = 512;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;

    private final InputStream in;
    private final byte[] header = new byte[BLOCK];

    Tar(InputStream in) {
        this.in = in;
    }

    /** @param name as the archive has it, one character for each byte */
    record Entry(String name, long bytes, boolean isFile) {}

    /** Takes a file's bytes. */
    interface Content {
        void accept(byte[] bytes, int offset, int count) throws IOException;
    }

    /** The next file's header; empty at the end. Its bytes must be {@link #read} then. */
    Optional<Entry> next() throws IOException {
        if (in.readNBytes(header, 0, BLOCK) < BLOCK) {
            throw damaged("it ends without an end");
        }
        if (isEmpty()) {
            return Optional.empty();
        }
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM_END ? ' ' : header[i] & 0xff;
        }
        if (sum != octal(CHECKSUM, 8)) {
            throw damaged("the header of a file is broken");
        }
        int end = 0;
        while (end < 100 && header[end] != 0) {
            end++;
        }
        char type = (char) header[CHECKSUM_END];
        boolean isFile = type == '0' || type == 0;
        String name = new String(header, 0, end, StandardCharsets.ISO_8859_1);
        return Optional.of(new Entry(name, isFile ? size() : 0, isFile));
    }

    /** Reads a file's bytes, through this buffer. */
    void read(Entry entry, byte[] buffer, Content content) throws IOException {
        long left = entry.bytes();
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw damaged("it ends within " + entry.name());
            }
            content.accept(buffer, 0, read);
            left -= read;
        }
        in.skipNBytes((BLOCK - entry.bytes() % BLOCK) % BLOCK);
    }

    private boolean isEmpty() {
        for (byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private long size() throws IOException {
        if ((header[124] & 0x80) == 0) {
            return octal(124, 12);
        }
        long size = 0;
        for (int i = 128; i < 136; i++) {
            size = (size << 8) | (header[i] & 0xff);
        }
        return size;
    }

    private long octal(int from, int count) throws IOException {
        String text = new String(header, from, count, StandardCharsets.ISO_8859_1)
                .replace('\0', ' ')
                .strip();
        try {
            return Long.parseLong(text, 8);
        } catch (NumberFormatException e) {
            throw damaged("a header holds the number '" + text + "'");
        }
    }

    private static IOException damaged(String what) {
        return new StoredInput.Damaged("the tar is not whole: " + what, new IOException(what));
    }
}
