package dev.upkeep.executor.operation.backup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.upkeep.common.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The manifest that PostgreSQL puts into a physical backup: each file's size and checksum, and the write-ahead log that is needed. Held as
 * one hash over all files, so that a server of any number of files needs the same memory.
 *
 * @param files the hash of {@link FileSum}s
 * @param isComparable whether all checksums are CRC-32C, which can be computed before the manifest is seen
 * @param isWhole whether its own checksum is right
 */
record BaseManifest(String files, boolean isComparable, boolean isWhole, List<Range> ranges) {
    private static final String ALGORITHM = "CRC32C";
    private static final String OWN_CHECKSUM = "\"Manifest-Checksum\"";
    private static final int TAIL = 256;

    BaseManifest {
        ranges = List.copyOf(ranges);
    }

    /** A part of the write-ahead log. */
    record Range(String timeline, String start, String end) {}

    /** Sums up names, sizes and checksums of files, whatever their order. Not thread-safe. */
    static final class FileSum {
        private final RowHash hash = new RowHash();

        /** @param crc32c in hexadecimal, the lowest byte first, as the manifest has it */
        void add(byte[] name, long bytes, String crc32c) {
            hash.update(name, 0, name.length);
            byte[] rest = ("\0" + bytes + "\0" + crc32c).getBytes(StandardCharsets.US_ASCII);
            hash.update(rest, 0, rest.length);
            hash.endRow();
        }

        String text() {
            return hash.text();
        }
    }

    /** What every look at a backup leaves out: the log has a check of its own. */
    static boolean isLeftOut(String name) {
        return name.startsWith("pg_wal/");
    }

    /** Reads it. What is no such manifest is {@link StoredInput.Damaged}. */
    static BaseManifest read(Path file) throws IOException {
        FileSum sum = new FileSum();
        List<Range> ranges = new ArrayList<>();
        boolean isComparable = true;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                JsonParser json = new JsonFactory().createParser(in)) {
            List<String> path = new ArrayList<>();
            Map<String, String> fields = new HashMap<>();
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.START_ARRAY) {
                    path.add(String.valueOf(json.currentName()));
                } else if (token == JsonToken.END_ARRAY) {
                    path.remove(path.size() - 1);
                } else if (token == JsonToken.START_OBJECT) {
                    fields.clear();
                } else if (token.isScalarValue() && json.currentName() != null) {
                    fields.put(json.currentName(), json.getText());
                } else if (token == JsonToken.END_OBJECT && path.equals(List.of("Files"))) {
                    isComparable &= add(fields, sum);
                } else if (token == JsonToken.END_OBJECT && path.equals(List.of("WAL-Ranges"))) {
                    ranges.add(
                            new Range(field(fields, "Timeline"), field(fields, "Start-LSN"), field(fields, "End-LSN")));
                }
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new StoredInput.Damaged("backup_manifest cannot be read: " + e.getMessage(), e);
        }
        return new BaseManifest(sum.text(), isComparable, isWhole(file), ranges);
    }

    private static boolean add(Map<String, String> fields, FileSum sum) throws IOException {
        byte[] name = fields.containsKey("Encoded-Path")
                ? HexFormat.of().parseHex(field(fields, "Encoded-Path"))
                : field(fields, "Path").getBytes(StandardCharsets.UTF_8);
        if (!isLeftOut(new String(name, StandardCharsets.ISO_8859_1))) {
            sum.add(name, Long.parseLong(field(fields, "Size")), fields.getOrDefault("Checksum", ""));
        }
        return ALGORITHM.equals(fields.get("Checksum-Algorithm"));
    }

    private static String field(Map<String, String> fields, String name) throws IOException {
        String value = fields.get(name);
        if (value == null) {
            throw new StoredInput.Damaged("backup_manifest lacks " + name, new IOException(name));
        }
        return value;
    }

    /** Its last line holds the SHA-256 of all lines before. */
    private static boolean isWhole(Path file) throws IOException {
        long covered;
        String last;
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(TAIL, access.length())];
            access.seek(access.length() - tail.length);
            access.readFully(tail);
            String text = new String(tail, StandardCharsets.ISO_8859_1);
            int at = text.lastIndexOf(OWN_CHECKSUM);
            if (at < 0) {
                return false;
            }
            covered = access.length() - tail.length + at;
            last = text.substring(at);
        }
        MessageDigest digest = Sha256.begin();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[64 * 1024];
            for (long left = covered; left > 0; ) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    return false;
                }
                digest.update(buffer, 0, read);
                left -= read;
            }
        }
        return last.contains('"' + HexFormat.of().formatHex(digest.digest()) + '"');
    }
}
