package dev.upkeep.executor.operation.backup;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the SQL script that pg_restore or pg_dump writes, piece by piece, and takes from it how many rows each table has and a
 * hash of them: the rows between {@code COPY … FROM stdin;} and {@code \.}. All other statements, such as those that set
 * sequences, write large objects or define the schema, are hashed together; comments and session settings are left out, since
 * they differ between two dumps of the same database. Needs the same memory however long a row is. Not thread-safe.
 */
final class DumpScript {
    private static final byte[] COPY = "COPY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FROM_STDIN = " FROM stdin;".getBytes(StandardCharsets.US_ASCII);
    private static final String[] IGNORED = {
        "--",
        "SET ",
        "\\restrict",
        "\\unrestrict",
        "SELECT pg_catalog.set_config(",
        // pg_restore counts it as definition, pg_dump does not
        "REFRESH MATERIALIZED VIEW "
    };
    private static final int HEAD = 1024;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LINE_BREAKS = 0x0a0a0a0a0a0a0a0aL;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final byte[] head = new byte[HEAD];
    private final byte[] tail = new byte[FROM_STDIN.length];
    private final RowHash statements = new RowHash();
    private final Map<String, Contents.Table> tables = new TreeMap<>();
    private int lineLength;
    private boolean oddQuotes;
    private long rows;
    private long tableCount;
    private @Nullable RowHash data;
    private String table = "";

    /** Takes the next piece of the script. */
    void accept(byte[] bytes, int offset, int count) {
        int from = offset;
        int end = offset + count;
        while (from < end) {
            int newline = newline(bytes, from, end);
            piece(bytes, from, newline - from);
            if (newline == end) {
                return;
            }
            endLine();
            from = newline + 1;
        }
    }

    /** Where the next line break is, or the end: eight bytes at a time, of which one is zero if it is a line break. */
    private static int newline(byte[] bytes, int from, int end) {
        int at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            long word = (long) LONGS.get(bytes, at) ^ LINE_BREAKS;
            long found = (word - LOW_BITS) & ~word & HIGH_BITS;
            if (found != 0) {
                return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
        }
        while (at < end && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    private void piece(byte[] bytes, int from, int count) {
        if (count == 0) {
            return;
        }
        // of a row, only its end mark is looked at
        int kept = data == null ? HEAD : 2;
        if (lineLength < kept) {
            System.arraycopy(bytes, from, head, lineLength, Math.min(count, kept - lineLength));
        }
        if (data == null) {
            keepTail(bytes, from, count);
            if (isCopy()) {
                for (int i = from; i < from + count; i++) {
                    oddQuotes ^= bytes[i] == '"';
                }
            }
            statements.update(bytes, from, count);
        } else {
            data.update(bytes, from, count);
        }
        lineLength = (int) Math.min(Integer.MAX_VALUE / 2, (long) lineLength + count);
    }

    private void keepTail(byte[] bytes, int from, int count) {
        int kept = Math.min(count, tail.length);
        System.arraycopy(tail, kept, tail, 0, tail.length - kept);
        System.arraycopy(bytes, from + count - kept, tail, tail.length - kept, kept);
    }

    private boolean isCopy() {
        return Arrays.equals(head, 0, COPY.length, COPY, 0, COPY.length);
    }

    private void endLine() {
        RowHash rowsOfTable = data;
        if (rowsOfTable != null) {
            if (lineLength == 2 && head[0] == '\\' && head[1] == '.') {
                endTable(rowsOfTable);
            } else {
                rowsOfTable.endRow();
            }
        } else if (isCopy() && (oddQuotes || !Arrays.equals(tail, FROM_STDIN))) {
            // a line break inside a quoted name: the statement goes on
            piece(new byte[] {'\n'}, 0, 1);
            return;
        } else if (isCopy()) {
            table = tableName();
            data = new RowHash();
            statements.endRow();
        } else if (lineLength > 0 && !isIgnored()) {
            statements.endRow();
        } else {
            statements.dropRow();
        }
        lineLength = 0;
        oddQuotes = false;
        Arrays.fill(head, 0, COPY.length, (byte) 0);
    }

    private void endTable(RowHash rowsOfTable) {
        rows += rowsOfTable.rows();
        tableCount++;
        if (tables.size() < Contents.LISTED) {
            tables.put(table, new Contents.Table(rowsOfTable.rows(), rowsOfTable.text()));
        }
        data = null;
    }

    private boolean isIgnored() {
        String begin = new String(head, 0, Math.min(lineLength, 40), StandardCharsets.UTF_8);
        return Arrays.stream(IGNORED).anyMatch(begin::startsWith);
    }

    /** The name as it stands between COPY and the columns. */
    private String tableName() {
        String line = new String(head, COPY.length, Math.min(lineLength, HEAD) - COPY.length, StandardCharsets.UTF_8);
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            quoted ^= c == '"';
            if (c == ' ' && !quoted) {
                return line.substring(0, i);
            }
        }
        return line;
    }

    /** Whether a table's rows have begun and not ended. */
    boolean isInTable() {
        return data != null;
    }

    /** Rows and hash of each table, of the first {@value Contents#LISTED}. */
    Map<String, Contents.Table> tables() {
        return tables;
    }

    long tableCount() {
        return tableCount;
    }

    /** The rows of all tables. */
    long rows() {
        return rows;
    }

    /** The hash over all that is not a table's row. */
    String statements() {
        return statements.text();
    }
}
