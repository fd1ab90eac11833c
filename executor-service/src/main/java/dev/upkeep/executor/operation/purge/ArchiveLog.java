package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Encryption;
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
import java.util.Optional;
import java.util.UUID;

/** The list of an archive's frames, {@code batches.jsonl}: one line for each, fsynced before the frame's rows are deleted. */
final class ArchiveLog implements Closeable {
    static final String NAME = "batches.jsonl";

    private final FileChannel channel;
    private final List<Entry> entries;
    private final String attempt = UUID.randomUUID().toString();
    private long batch;

    /**
     * One frame.
     *
     * @param attempt the process's try that wrote it; the last batch of a try may have been written without its commit
     * @param batch counts the batches of the try; a batch has a frame in each part that it writes to
     * @param sha256 of the frame's bytes
     * @param rows by table
     * @param encryption of the frame, as it was configured then
     * @param leaving the partition whose rows they are, if it is to be dropped when all of it is archived: they count if it is gone
     * @param revoked whether its batch is known to have been rolled back after all
     */
    record Entry(
            String attempt,
            Optional<Long> batch,
            int part,
            long offset,
            long bytes,
            String sha256,
            Map<String, Long> rows,
            Optional<Encryption> encryption,
            Optional<Leaving> leaving,
            boolean revoked) {
        Entry revocation() {
            return new Entry(attempt, batch, part, offset, bytes, sha256, rows, encryption, leaving, true);
        }

        private boolean isOfBatchOf(Entry other) {
            return batch.isPresent() && batch.equals(other.batch) && attempt.equals(other.attempt);
        }

        /** Whether it was committed, or not, together with the other. */
        private boolean goesWith(Entry other) {
            return isOfBatchOf(other) || (leaving.isPresent() && !revoked && leaving.equals(other.leaving));
        }

        private boolean isFrameOf(Entry other) {
            return part == other.part && offset == other.offset;
        }
    }

    /** A partition that is to be dropped; PostgreSQL's {@code oid} and its name together tell it from a later one. */
    record Leaving(long oid, Receipt.Partition partition) {}

    /** A frame that is on the disk and not listed yet; as {@link Entry}. */
    record Frame(
            int part,
            long offset,
            long bytes,
            String sha256,
            Map<String, Long> rows,
            Optional<Encryption> encryption) {}

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
                if (entry.revoked()) {
                    entries.removeIf(entry::isFrameOf);
                }
                entries.add(entry);
            } catch (Unreadable e) {
                throw new Failure(Code.CORRUPT, "the archive's list " + file + " cannot be read; keep the folder", e);
            }
        }
        return text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
    }

    static String partName(int part, Purge.Archive format, boolean isEncrypted) {
        return String.format(
                Locale.ROOT,
                "part-%05d.%s.zst%s",
                part,
                format == Purge.Archive.CSV ? "csv" : "jsonl",
                isEncrypted ? ArchivedParts.ENCRYPTED : "");
    }

    /** The frames of each batch, in the order in which they were written. */
    static List<List<Entry>> batches(List<Entry> entries) {
        List<List<Entry>> batches = new ArrayList<>();
        for (Entry entry : entries) {
            if (batches.isEmpty()
                    || !entry.isOfBatchOf(batches.get(batches.size() - 1).get(0))) {
                batches.add(new ArrayList<>());
            }
            batches.get(batches.size() - 1).add(entry);
        }
        return batches;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    int lastPart() {
        return entries.stream().mapToInt(Entry::part).max().orElse(0);
    }

    long lengthOf(int part) {
        return lengthOf(part, entries);
    }

    static long lengthOf(int part, List<Entry> entries) {
        return entries.stream()
                .filter(entry -> entry.part() == part)
                .mapToLong(entry -> entry.offset() + entry.bytes())
                .max()
                .orElse(0);
    }

    /** Lists the frames of one batch, or some of the frames of a partition. */
    void add(List<Frame> frames, Optional<Leaving> leaving) throws IOException {
        batch++;
        List<Entry> fresh = frames.stream()
                .map(frame -> new Entry(
                        attempt,
                        Optional.of(batch),
                        frame.part(),
                        frame.offset(),
                        frame.bytes(),
                        frame.sha256(),
                        frame.rows(),
                        frame.encryption(),
                        leaving,
                        false))
                .toList();
        append(fresh);
        entries.addAll(fresh);
    }

    /** Says of the last batch, or of all frames of the last partition, that it was rolled back. */
    void revoke() throws IOException {
        revoke(entries.get(entries.size() - 1));
    }

    /** Says of this frame, and of all that go with it, that it was rolled back. */
    void revoke(Entry one) throws IOException {
        List<Entry> revoked = entries.stream()
                .filter(entry -> entry.goesWith(one))
                .map(Entry::revocation)
                .toList();
        append(revoked);
        entries.removeIf(entry -> entry.goesWith(one));
        entries.addAll(revoked);
    }

    private void append(List<Entry> added) throws IOException {
        StringBuilder text = new StringBuilder();
        added.forEach(entry -> text.append(new String(Wire.write(entry), StandardCharsets.UTF_8))
                .append('\n'));
        ByteBuffer lines = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (lines.hasRemaining()) {
            channel.write(lines);
        }
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
