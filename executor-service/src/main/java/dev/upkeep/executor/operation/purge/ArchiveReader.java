package dev.upkeep.executor.operation.purge;

import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Encryption;
import dev.upkeep.executor.operation.encryption.Keys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads an archive back, the batch that was deleted last first, and in it the row that was written last first: so parents come
 * before those that refer to them. Each frame is checked against its hash before a row of it is handed out.
 */
final class ArchiveReader {
    private final Path folder;
    private final Engine engine;
    private final Keys keys;
    private final List<List<ArchiveLog.Entry>> batches;
    private final Set<ArchiveLog.Leaving> stayed = new HashSet<>();
    private final Map<Line, Integer> later = new HashMap<>();
    private final Map<Integer, List<String>> headers = new HashMap<>();

    /** One archived row; {@code json} is an object of its columns. */
    record Line(String table, String json) {}

    ArchiveReader(Path folder, Engine engine, Keys keys) throws IOException {
        this.folder = folder;
        this.engine = engine;
        this.keys = keys;
        List<ArchiveLog.Entry> entries = ArchiveLog.read(folder);
        ArchivedParts.check(folder, entries);
        List<List<ArchiveLog.Entry>> all = ArchiveLog.batches(entries);
        Collections.reverse(all);
        this.batches = List.copyOf(all);
    }

    /** How many batches there are; the first is the one that was written last. */
    int batches() {
        return batches.size();
    }

    /** Why no row can be read: it is encrypted, and there is no secret key on this host. */
    Optional<Reason> refusal() {
        return batches.stream()
                .flatMap(List::stream)
                .filter(entry -> !entry.revoked())
                .flatMap(entry -> keys.refusal("receipt: " + folder.getFileName(), entry.encryption()).stream())
                .findFirst();
    }

    /** Fails if a key is wanting, before the first row is handed out: looks at one frame of each encrypted part. */
    void requireKeys() throws IOException {
        Set<Integer> looked = new HashSet<>();
        for (List<ArchiveLog.Entry> batch : batches) {
            for (ArchiveLog.Entry entry : batch) {
                if (!entry.revoked() && entry.encryption().isPresent() && looked.add(entry.part())) {
                    frame(entry).close();
                }
            }
        }
    }

    /** The partitions that were archived to be dropped, each with the table that it belonged to. */
    Map<ArchiveLog.Leaving, String> leaving() {
        Map<ArchiveLog.Leaving, String> all = new LinkedHashMap<>();
        batches.stream()
                .flatMap(List::stream)
                .filter(this::counts)
                .forEach(entry -> entry.leaving()
                        .ifPresent(partition -> entry.rows().keySet().forEach(table -> all.put(partition, table))));
        return all;
    }

    /** Hands out no rows of this partition, as it was not dropped after all. */
    void leaveOut(ArchiveLog.Leaving partition) {
        stayed.add(partition);
    }

    private boolean counts(ArchiveLog.Entry entry) {
        return !entry.revoked() && entry.leaving().filter(stayed::contains).isEmpty();
    }

    /** How many rows of each table the archive lists. */
    Map<String, Long> rows() {
        Map<String, Long> rows = new TreeMap<>();
        batches.stream()
                .flatMap(List::stream)
                .filter(entry -> !entry.revoked())
                .forEach(entry -> entry.rows().forEach((table, count) -> rows.merge(table, count, Long::sum)));
        return rows;
    }

    /**
     * The rows of a batch; batches are to be asked for in order. Of a batch whose process died before it could say whether
     * it was committed, only those rows that no later batch has again.
     */
    List<Line> batch(int number) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (ArchiveLog.Entry entry : batches.get(number)) {
            if (counts(entry)) {
                lines.addAll(read(entry));
            }
        }
        Collections.reverse(lines);
        boolean isDoubtful = number > 0
                && !attempt(number - 1).equals(attempt(number))
                && batches.get(number).get(0).leaving().isEmpty();
        List<Line> handedOut = new ArrayList<>();
        for (Line line : lines) {
            if (isDoubtful && later.getOrDefault(line, 0) > 0) {
                later.merge(line, -1, Integer::sum);
            } else {
                handedOut.add(line);
            }
        }
        if (hasEarlierAttempts(number)) {
            handedOut.forEach(line -> later.merge(line, 1, Integer::sum));
        }
        return handedOut;
    }

    private String attempt(int number) {
        return batches.get(number).get(0).attempt();
    }

    private boolean hasEarlierAttempts(int number) {
        String attempt = attempt(number);
        return batches.subList(number, batches.size()).stream()
                .anyMatch(batch -> !batch.get(0).attempt().equals(attempt));
    }

    private List<Line> read(ArchiveLog.Entry entry) throws IOException {
        Path file = ArchivedParts.file(folder, entry.part());
        List<Line> lines;
        try (InputStream frame = frame(entry)) {
            if (ArchivedParts.isCsv(file)) {
                String table = entry.rows().keySet().iterator().next();
                lines = CsvRows.read(frame, entry.offset() == 0, table, header(file, entry.part()), engine);
            } else {
                lines = JsonRows.read(frame);
            }
        }
        long listed = entry.rows().values().stream().mapToLong(Long::longValue).sum();
        if (lines.size() != listed) {
            throw new Failure(
                    Code.CORRUPT,
                    "the archive's part " + file + " has " + lines.size() + " rows at byte " + entry.offset()
                            + " instead of " + listed);
        }
        return lines;
    }

    private List<String> header(Path file, int part) throws IOException {
        List<String> known = headers.get(part);
        if (known != null) {
            return known;
        }
        // a frame that was revoked is still in its place, and so is the header with it
        ArchiveLog.Entry first = batches.stream()
                .flatMap(List::stream)
                .filter(entry -> entry.part() == part && entry.offset() == 0)
                .findFirst()
                .orElseThrow(
                        () -> new Failure(Code.CORRUPT, "the archive's list does not have the first frame of " + file));
        try (InputStream frame = frame(first)) {
            List<String> header = CsvRows.header(frame);
            headers.put(part, header);
            return header;
        }
    }

    private InputStream frame(ArchiveLog.Entry entry) throws IOException {
        Path file = ArchivedParts.file(folder, entry.part());
        byte[] frame = new byte[Math.toIntExact(entry.bytes())];
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(entry.offset());
            in.readFully(frame);
        }
        String hash = Sha256.hex(frame);
        if (!hash.equals(entry.sha256())) {
            throw new Failure(
                    Code.CORRUPT,
                    "the archive's part " + file + " is damaged at byte " + entry.offset()
                            + ": its hash is not the one that was listed; bring back the file from a copy");
        }
        if (entry.encryption().isPresent() != ArchivedParts.isEncrypted(file)) {
            throw new Failure(
                    Code.CORRUPT,
                    "the archive's list and the name of its part " + file + " differ in whether it is encrypted");
        }
        return new ZstdInputStream(new ByteArrayInputStream(
                entry.encryption().isPresent()
                        ? decrypted(frame, entry, entry.encryption().get())
                        : frame));
    }

    private byte[] decrypted(byte[] frame, ArchiveLog.Entry entry, Encryption encryption) {
        String place = "the frame at byte " + entry.offset() + " of part " + entry.part() + " of the archive " + folder;
        try (InputStream content = keys.decrypt(new ByteArrayInputStream(frame), place, encryption)) {
            FramePlace.in(folder, entry.part(), entry.offset()).require(content);
            return content.readAllBytes();
        } catch (IOException e) {
            throw new Failure(
                    Code.CORRUPT, place + " is as it was listed, and cannot be decrypted: " + e.getMessage(), e);
        }
    }
}
