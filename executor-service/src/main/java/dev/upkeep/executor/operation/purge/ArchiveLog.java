package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** The list of an archive's frames, {@code batches.jsonl}: one line for each, fsynced before the frame's rows are deleted. */
final class ArchiveLog implements Closeable {
    private static final String NAME = "batches.jsonl";

    private final FileChannel channel;
    private final List<Entry> entries;
    private final String attempt = UUID.randomUUID().toString();

    /**
     * One frame.
     *
     * @param attempt the process's try that wrote it; the last frame of a try may have been written without its commit
     * @param sha256 of the frame's bytes
     * @param rows by table
     * @param revoked whether its batch is known to have been rolled back after all
     */
    record Entry(
            String attempt, int part, long offset, long bytes, String sha256, Map<String, Long> rows, boolean revoked) {
        Entry revocation() {
            return new Entry(attempt, part, offset, bytes, sha256, rows, true);
        }
    }

    private ArchiveLog(FileChannel channel, List<Entry> entries) {
        this.channel = channel;
        this.entries = entries;
    }

    static ArchiveLog open(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        List<Entry> entries = new ArrayList<>();
        long end = Files.exists(file) ? read(file, entries) : 0;
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Folders.keepPrivate(file);
        channel.truncate(end);
        channel.position(end);
        Folders.force(folder);
        return new ArchiveLog(channel, entries);
    }

    /** Reads the list of an archive that nobody writes to. */
    static List<Entry> read(Path folder) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Path file = folder.resolve(NAME);
        if (Files.exists(file)) {
            read(file, entries);
        }
        return entries;
    }

    /** Reads whole lines; returns where the last of them ends, as a crash may have torn the one after it. */
    private static long read(Path file, List<Entry> entries) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int end = text.lastIndexOf('\n') + 1;
        for (String line : text.substring(0, end).lines().toList()) {
            try {
                Entry entry = Wire.read(line.getBytes(StandardCharsets.UTF_8), Entry.class);
                if (entry.revoked() && !entries.isEmpty()) {
                    entries.remove(entries.size() - 1);
                }
                entries.add(entry);
            } catch (Unreadable e) {
                throw new Failure(Code.CORRUPT, "the archive's list " + file + " cannot be read; keep the folder", e);
            }
        }
        return text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
    }

    static String partName(int part) {
        return String.format(Locale.ROOT, "part-%05d.jsonl.zst", part);
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    int lastPart() {
        return entries.stream().mapToInt(Entry::part).max().orElse(1);
    }

    long lengthOf(int part) {
        return entries.stream()
                .filter(entry -> entry.part() == part)
                .mapToLong(entry -> entry.offset() + entry.bytes())
                .max()
                .orElse(0);
    }

    void add(int part, long offset, long bytes, String sha256, Map<String, Long> rows) throws IOException {
        Entry entry = new Entry(attempt, part, offset, bytes, sha256, Map.copyOf(rows), false);
        append(entry);
        entries.add(entry);
    }

    /** Says of the last frame that its batch was rolled back. */
    void revoke() throws IOException {
        Entry revoked = entries.remove(entries.size() - 1).revocation();
        append(revoked);
        entries.add(revoked);
    }

    private void append(Entry entry) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(
                (new String(Wire.write(entry), StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
