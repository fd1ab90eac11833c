package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What bringing purged rows back has in common on both engines: receipt, checks, order, cursor.
 *
 * <p>Each archived batch comes back in one transaction, the one deleted last first. Doing it again adds nothing: rows whose key is
 * there stay as they are, and of tables without a key it is kept beside the archive which batches are back. There, a crash between
 * a commit and that note can bring one batch back twice. Thread-safe.
 */
final class Restorer {
    private final PurgeConfig config;
    private final ArchiveStore archives;

    Restorer(PurgeConfig config, ArchiveStore archives) {
        this.config = config;
        this.archives = archives;
        PurgeConfig.keys(config).check();
    }

    /** Puts rows back into one engine. */
    interface Refill extends AutoCloseable {
        /** Makes sure that there is a partition that takes the rows of one that was dropped. */
        default void makeAgain(Receipt.Partition partition, Receipt.Shape parent) throws SQLException {
            throw new IllegalStateException("an engine without partitions: " + partition + " of " + parent);
        }

        /** Whether a partition that was archived to be dropped has not been dropped. */
        default boolean isThere(ArchiveLog.Leaving partition) throws SQLException {
            throw new IllegalStateException("an engine without partitions: " + partition);
        }

        /** Looks the table up; refuses if a column that was archived is no longer there. */
        Table check(Receipt.Shape shape) throws SQLException;

        /** Inserts the rows in one transaction, in this order; returns how many of each table were not there. */
        Map<String, Long> insert(List<ArchiveReader.Line> rows) throws SQLException, IOException;

        /** How many rows of each table did not come back as their key belongs to a row with other values. */
        Map<String, Long> displaced();

        @Override
        void close() throws SQLException;
    }

    /** Opens the engine's session. */
    interface Opening {
        Refill open() throws SQLException;
    }

    Done perform(Order<RestorePurged> order, Database database, Attempt attempt, Opening opening)
            throws SQLException, IOException {
        String name = order.task().receipt();
        Path folder = Receipt.folder(config.directory(), database.id()).resolve(name);
        try {
            archives.fetch(folder);
            return perform(order, database, attempt, opening, folder);
        } finally {
            archives.release(folder);
        }
    }

    private Done perform(Order<RestorePurged> order, Database database, Attempt attempt, Opening opening, Path folder)
            throws SQLException, IOException {
        String name = order.task().receipt();
        Optional<Receipt> found = receipt(folder);
        if (found.isEmpty() || found.get().tables().isEmpty()) {
            return Done.rejected(new Reason(
                    Code.INVALID,
                    "receipt: " + name + " (this executor has no archive of that name for " + database.id() + ")"));
        }
        Receipt receipt = found.get();
        if (receipt.engine() != database.engine()) {
            return Done.rejected(new Reason(
                    Code.WRONG_DATABASE,
                    "receipt: " + name + " (is of a database of the engine " + receipt.engine() + ")"));
        }
        ArchiveReader reader = new ArchiveReader(folder, found.get().engine(), PurgeConfig.keys(config));
        Optional<Reason> sealed = reader.refusal();
        if (sealed.isPresent()) {
            return Done.rejected(sealed.get());
        }
        reader.requireKeys();
        if (order.dryRun()) {
            return Done.succeeded(report(name, reader.rows(), Map.of(), false), List.of(), List.of());
        }
        try (Refill refill = opening.open()) {
            Set<String> keyless = new HashSet<>();
            for (Receipt.Shape shape : receipt.tables()) {
                if (refill.check(shape).key().isEmpty()) {
                    keyless.add(shape.table());
                }
                if (found.get().partition().isPresent()) {
                    refill.makeAgain(found.get().partition().get(), shape);
                }
            }
            makeAgain(reader, receipt.tables(), refill);
            return restore(reader, refill, attempt, new Restored(folder, keyless, reader.batches()));
        } catch (Refused refused) {
            return Done.rejected(refused.reason());
        }
    }

    /** Makes the partitions that the purge dropped; those that it only came to archive are as they were. */
    private static void makeAgain(ArchiveReader reader, List<Receipt.Shape> shapes, Refill refill) throws SQLException {
        for (Map.Entry<ArchiveLog.Leaving, String> left : reader.leaving().entrySet()) {
            if (refill.isThere(left.getKey())) {
                reader.leaveOut(left.getKey());
                continue;
            }
            for (Receipt.Shape shape : shapes) {
                if (shape.table().equals(left.getValue())) {
                    refill.makeAgain(left.getKey().partition(), shape);
                }
            }
        }
    }

    private static Done restore(ArchiveReader reader, Refill refill, Attempt attempt, Restored restored)
            throws SQLException, IOException {
        String name = String.valueOf(restored.folder().getFileName());
        int from = attempt.cursor().map(Integer::parseInt).orElse(0);
        Map<String, Long> inserted = new TreeMap<>();
        Map<String, Long> there = new TreeMap<>();
        for (int frame = 0; frame < reader.batches(); frame++) {
            List<ArchiveReader.Line> lines = reader.batch(frame);
            if (frame < from || lines.isEmpty()) {
                continue;
            }
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return Done.partial(
                        report(name, inserted, there, false),
                        Reports.reason(stop.get()),
                        List.of(),
                        measurements(inserted));
            }
            long start = System.nanoTime();
            Map<String, Long> fresh = refill.insert(restored.without(lines, frame));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            restored.note(frame);
            attempt.saveCursor(Integer.toString(frame + 1));
            Map<String, Long> all = new TreeMap<>();
            lines.forEach(line -> all.merge(line.table(), 1L, Long::sum));
            all.forEach((table, rows) -> {
                long added = fresh.getOrDefault(table, 0L);
                inserted.merge(table, added, Long::sum);
                there.merge(table, rows - added, Long::sum);
            });
            attempt.progress(100.0 * (frame + 1) / reader.batches(), Optional.empty(), "rows come back");
            attempt.yieldToApplication(took, took);
        }
        RestorePurged.Report report = report(name, inserted, there, true);
        return inserted.values().stream().allMatch(rows -> rows == 0)
                ? Done.nothing(report, findings(refill), List.of())
                : Done.succeeded(report, findings(refill), measurements(inserted));
    }

    private static List<Finding> findings(Refill refill) {
        return refill.displaced().entrySet().stream()
                .map(table -> new Finding(
                        "restored-key-taken",
                        Severity.WARNING,
                        table.getKey(),
                        table.getValue() + " rows",
                        "0",
                        "built-in",
                        "the keys of so many archived rows of " + table.getKey()
                                + " belong to rows with other values, which stay; archived rows that refer to these keys"
                                + " came back and refer to them now: compare both with the archive"))
                .toList();
    }

    private static Optional<Receipt> receipt(Path folder) throws IOException {
        try {
            return Receipt.read(folder);
        } catch (Unreadable e) {
            throw new Failure(Code.CORRUPT, "the receipt in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static RestorePurged.Report report(
            String name, Map<String, Long> inserted, Map<String, Long> there, boolean isComplete) {
        List<RestorePurged.Table> tables = new ArrayList<>();
        inserted.forEach(
                (table, rows) -> tables.add(new RestorePurged.Table(table, rows, there.getOrDefault(table, 0L))));
        return new RestorePurged.Report(name, tables, isComplete);
    }

    private static List<Measurement> measurements(Map<String, Long> inserted) {
        return inserted.entrySet().stream()
                .map(table ->
                        Measurement.count("purge_restored", "rows", table.getValue(), Map.of("table", table.getKey())))
                .toList();
    }

    /** The columns to write: all that were archived but those that the database works out itself. */
    static List<String> columns(Receipt.Shape shape, Table now) {
        List<String> columns = new ArrayList<>();
        for (Table.Column column : shape.columns()) {
            Table.Column there = now.column(column.name())
                    .orElseThrow(() -> new Refused(
                            Code.NO_SUCH_COLUMN,
                            "table: " + shape.table() + " (column " + column.name()
                                    + " of the archived rows is no longer there)"));
            if (!there.generated()) {
                columns.add(column.name());
            }
        }
        return columns;
    }

    static TableName table(String text) {
        return TableName.parse(text);
    }
}
