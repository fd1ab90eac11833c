package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Keys;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where the rows of one purge are written before they are deleted: parts of JSON Lines, or of CSV with one table in each,
 * compressed with zstd, a frame for each batch, each encrypted by itself if there are keys. A batch may only be committed after {@link #seal}: its frames are then on the
 * disk, and so are the lines of {@link ArchiveLog} that list them with their hashes.
 *
 * <p>A part is called {@code *.partial} until it is full or the purge ends. After a crash the frames that are listed are kept
 * and what follows them is cut off: those rows were not deleted. Rows of a batch that was listed and not committed are in the
 * archive twice; none is missing. Used by one thread.
 */
final class Archive implements Closeable, Session.RowSink {
    private static final long FULL = 256L << 20;

    private final Path folder;
    private final ArchiveLog log;
    private final Engine engine;
    private final Keys keys;
    private final Purge.Archive format;
    private final long full;
    private int lastPart;
    private final Map<String, ArchivePart> growing = new HashMap<>();
    private final Set<ArchivePart> inBatch = new LinkedHashSet<>();
    private boolean isOpenEnded;
    private Optional<ArchiveLog.Leaving> leaving = Optional.empty();

    /** The archive's own folder, of which engine its rows are, and for whom they are encrypted. */
    record Place(Path folder, Engine engine, Keys keys) {}

    private Archive(Place place, ArchiveLog log, Purge.Archive format, long full) throws IOException {
        this.folder = place.folder();
        this.engine = place.engine();
        this.keys = place.keys();
        this.log = log;
        this.format = format;
        this.full = full;
        this.lastPart = Math.max(log.lastPart(), ArchivedParts.last(place.folder()));
    }

    static Archive open(Place place, Purge.Archive format) throws IOException {
        return open(place, format, FULL);
    }

    static Archive open(Place place, Purge.Archive format, long full) throws IOException {
        Folders.make(place.folder());
        Archive archive = new Archive(place, ArchiveLog.open(place.folder()), format, full);
        archive.finishEarlier();
        return archive;
    }

    /** Ends the parts that an attempt which died left, each after its last listed frame. */
    private void finishEarlier() throws IOException {
        for (int part = 1; part <= lastPart; part++) {
            Optional<Path> file = ArchivedParts.growing(folder, part);
            if (file.isEmpty()) {
                continue;
            }
            long length = log.lengthOf(part);
            try (FileChannel channel = FileChannel.open(
                    ArchivePart.partial(file.get()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                if (channel.size() < length) {
                    throw new Failure(
                            Code.CORRUPT,
                            "the archive's part " + ArchivePart.partial(file.get())
                                    + " is shorter than its log says; keep the folder, and find out who cut it");
                }
                channel.truncate(length);
                channel.force(true);
            }
            ArchivePart.name(file.get(), length);
        }
    }

    @Override
    public void row(TableName table, String json) throws IOException {
        boolean isCsv = format == Purge.Archive.CSV;
        String group = isCsv ? table.text() : "";
        ArchivePart part = growing.get(group);
        if (part == null) {
            lastPart++;
            part = ArchivePart.create(
                    lastPart,
                    folder.resolve(ArchiveLog.partName(
                            lastPart, format, keys.encryption().isPresent())),
                    isCsv ? new CsvRows(engine) : new JsonRows(),
                    keys);
            growing.put(group, part);
        }
        inBatch.add(part);
        part.write(table, json);
    }

    /** Makes all rows since the last call durable and lists them. Without rows it does nothing. */
    void seal() throws IOException {
        if (inBatch.isEmpty()) {
            return;
        }
        List<ArchiveLog.Frame> frames = new ArrayList<>();
        for (ArchivePart part : inBatch) {
            frames.add(part.seal());
        }
        log.add(frames, leaving);
        inBatch.forEach(ArchivePart::keep);
        inBatch.clear();
        isOpenEnded = true;
        List<String> done = growing.entrySet().stream()
                .filter(part -> part.getValue().length() >= full)
                .map(Map.Entry::getKey)
                .toList();
        for (String group : done) {
            finish(group);
        }
    }

    private void finish(String group) throws IOException {
        ArchivePart part = growing.remove(group);
        if (part != null) {
            part.finish();
        }
    }

    /** What comes until {@link #confirm} or {@link #abandon} are the rows of a partition, and go or stay together. */
    void begin(ArchiveLog.Leaving partition) {
        leaving = Optional.of(partition);
    }

    /** Says of a partition whether it has not been dropped. */
    interface Presence {
        boolean isThere(ArchiveLog.Leaving partition) throws SQLException;
    }

    /** Revokes what tries that died wrote of partitions that they did not come to drop. */
    void settle(Presence presence) throws SQLException, IOException {
        Set<ArchiveLog.Leaving> known = new LinkedHashSet<>();
        for (ArchiveLog.Entry entry : log.entries()) {
            if (!entry.revoked()
                    && entry.leaving().isPresent()
                    && known.add(entry.leaving().get())
                    && presence.isThere(entry.leaving().get())) {
                log.revoke(entry);
            }
        }
    }

    /** The batch whose rows were sealed last is committed. */
    void confirm() {
        isOpenEnded = false;
        leaving = Optional.empty();
    }

    /**
     * Forgets the rows since the last {@link #seal}.
     *
     * @param isRolledBack whether the batch is known not to have been committed; rows that were sealed for it stay in the
     *     archive, marked as revoked if so
     */
    void abandon(boolean isRolledBack) throws IOException {
        if (isOpenEnded && isRolledBack) {
            log.revoke();
        }
        isOpenEnded = false;
        leaving = Optional.empty();
        for (ArchivePart part : inBatch) {
            part.abandon();
        }
        inBatch.clear();
    }

    /** Gives the last parts their names. */
    void finish() throws IOException {
        for (String group : List.copyOf(growing.keySet())) {
            finish(group);
        }
    }

    /** How many rows of each table are listed in it. */
    Map<String, Long> rows() {
        Map<String, Long> all = new TreeMap<>();
        log.entries().stream()
                .filter(entry -> !entry.revoked())
                .forEach(entry -> entry.rows().forEach((table, count) -> all.merge(table, count, Long::sum)));
        return all;
    }

    /** Closes without giving the last parts their names: the next to open it does. */
    @Override
    public void close() throws IOException {
        for (ArchivePart part : growing.values()) {
            part.close();
        }
        growing.clear();
        log.close();
    }
}
