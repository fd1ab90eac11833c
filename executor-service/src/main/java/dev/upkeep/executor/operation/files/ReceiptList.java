package dev.upkeep.executor.operation.files;

import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The files that one receipt took into quarantine, a line each, durable before any of them is moved. A line that a crash tore is ended
 * before the next one is written, and passed over when the list is read: nothing was moved for it. Links are not followed.
 */
record ReceiptList(Path file) {
    private static final String END = ".jsonl";

    /** One line. */
    record Entry(Instant at, String path, String name, long bytes) {}

    static ReceiptList of(Path folder, String receipt) {
        return new ReceiptList(folder.resolve(receipt + END));
    }

    /** Whether a file of this name is a list. */
    static boolean isOne(String name) {
        return name.endsWith(END);
    }

    /** The receipt of the list that is called so. */
    static String receipt(String name) {
        return name.substring(0, name.length() - END.length());
    }

    boolean exists() {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Adds lines durably; says whether they are the first, so that the list's own name must be made durable as well. */
    boolean add(List<Entry> entries) throws IOException {
        try (FileChannel list = FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS))) {
            boolean isFirst = list.size() == 0;
            list.position(endOfLines(list));
            for (Entry entry : entries) {
                byte[] line = Wire.write(entry);
                write(list, ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n'));
            }
            list.force(true);
            return isFirst;
        }
    }

    /** Where the next line goes: a list whose last line was torn by a crash gets an end of line first, so that only that line is lost. */
    private static long endOfLines(FileChannel list) throws IOException {
        long size = list.size();
        ByteBuffer last = ByteBuffer.allocate(1);
        if (size > 0 && list.read(last, size - 1) == 1 && last.get(0) != '\n') {
            list.position(size);
            write(list, ByteBuffer.allocate(1).put((byte) '\n'));
            return size + 1;
        }
        return size;
    }

    private static void write(FileChannel list, ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            list.write(bytes);
        }
    }

    /** All whole lines, in their order; none if there is no list. */
    List<Entry> read() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!exists()) {
            return entries;
        }
        try (InputStream lines = new BufferedInputStream(Files.newInputStream(file))) {
            for (byte[] line = line(lines); line.length > 0; line = line(lines)) {
                entry(line).ifPresent(entries::add);
            }
        }
        return entries;
    }

    private static Optional<Entry> entry(byte[] line) {
        try {
            return Optional.of(Wire.read(line, Entry.class));
        } catch (Unreadable torn) {
            return Optional.empty();
        }
    }

    /** One line as it is, without its end; nothing at the end of the list. */
    private static byte[] line(InputStream lines) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int octet = lines.read();
        while (octet >= 0 && octet != '\n') {
            line.write(octet);
            octet = lines.read();
        }
        return line.toByteArray();
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
