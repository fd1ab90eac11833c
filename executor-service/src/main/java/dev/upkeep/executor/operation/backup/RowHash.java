package dev.upkeep.executor.operation.backup;

import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Counts rows and hashes them, whatever their order: the sum of a 64-bit hash of each. Finds accidents, not forgeries; needs the
 * same memory however long a row is. Not thread-safe.
 */
final class RowHash {
    private final CRC32 first = new CRC32();
    private final CRC32C second = new CRC32C();
    private long length;
    private long rows;
    private long sum;

    /** Adds a piece of the current row. */
    void update(byte[] bytes, int offset, int count) {
        first.update(bytes, offset, count);
        second.update(bytes, offset, count);
        length += count;
    }

    /** The current row is complete. */
    void endRow() {
        sum += mixed((first.getValue() << 32 | second.getValue()) + length * 0x9E3779B97F4A7C15L);
        rows++;
        dropRow();
    }

    /** The current row does not count. */
    void dropRow() {
        first.reset();
        second.reset();
        length = 0;
    }

    /** MurmurHash3's finaliser, by Austin Appleby, in the public domain. */
    private static long mixed(long value) {
        long h = value;
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }

    long rows() {
        return rows;
    }

    /** Rows and sum in one text. */
    String text() {
        return HexFormat.of().toHexDigits(rows) + HexFormat.of().toHexDigits(sum);
    }
}
