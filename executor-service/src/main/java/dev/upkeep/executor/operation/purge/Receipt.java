package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.encryption.Encryption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a purge deleted, by which rule, and where the archive is: {@code receipt.json} beside the archive's parts.
 *
 * @param name also the name of its folder; the same for every try at the same command
 * @param complete false if the purge ran out of time
 * @param tables what the archived rows look like; empty without an archive
 * @param partition PostgreSQL: which was dropped as a whole
 */
record Receipt(
        String name,
        DatabaseId database,
        Engine engine,
        CommandId command,
        Instant asOf,
        String planHash,
        Purge purge,
        Instant endedAt,
        double seconds,
        boolean complete,
        Map<String, Long> deleted,
        List<Shape> tables,
        List<Part> parts,
        Optional<Partition> partition) {
    private static final String FILE = "receipt.json";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** A table's columns in order, with the engine's own type names. */
    record Shape(String table, List<Table.Column> columns) {}

    /** A finished file of the archive; {@code encryption} is absent if it is not encrypted. */
    record Part(String file, long bytes, String sha256, Optional<Encryption> encryption) {}

    /** A partition that was dropped; {@code bound} as the catalogue wrote it. */
    record Partition(String schema, String name, String bound) {}

    /** The same, at its end. */
    Receipt completed() {
        return new Receipt(
                name,
                database,
                engine,
                command,
                asOf,
                planHash,
                purge,
                Instant.now(),
                seconds,
                true,
                deleted,
                tables,
                parts,
                partition);
    }

    /** The name of the receipt that this order leaves in this database. */
    static String nameFor(Order<Purge> order, DatabaseId database, String planHash) {
        String rest = order.command() + "\n" + database + "\n" + planHash + "\n" + order.asOf();
        return name(order.asOf(), Sha256.hex(rest));
    }

    static String name(Instant asOf, String hash) {
        return TIME.format(asOf) + "-" + hash.substring(0, 16);
    }

    /** The folder of a database's receipts. */
    static Path folder(Path directory, DatabaseId database) {
        return directory.resolve(database.text().replace("/", "%2F"));
    }

    void write(Path folder) throws IOException {
        Folders.make(folder);
        Folders.replace(folder.resolve(FILE), Wire.write(this));
    }

    static Optional<Receipt> read(Path folder) throws IOException, Unreadable {
        Path file = folder.resolve(FILE);
        return Files.exists(file) ? Optional.of(Wire.read(Files.readAllBytes(file), Receipt.class)) : Optional.empty();
    }

    /** Takes the folder of an archive away if it has no rows. */
    static void forgetEmpty(Path folder) throws IOException {
        if (Files.isDirectory(folder)
                && ArchiveLog.read(folder).isEmpty()
                && ArchivedParts.all(folder).isEmpty()) {
            Files.deleteIfExists(folder.resolve(ArchiveLog.NAME));
            Files.deleteIfExists(folder.resolve(FILE));
            Files.delete(folder);
        }
    }

    /** The latest receipts of complete purges by the same plan, newest first; those that cannot be read are left out. */
    static List<Receipt> earlier(Path databaseFolder, String planHash, int most) throws IOException {
        if (!Files.isDirectory(databaseFolder)) {
            return List.of();
        }
        List<Path> folders;
        try (Stream<Path> found = Files.list(databaseFolder)) {
            folders = found.sorted(Comparator.reverseOrder()).toList();
        }
        List<Receipt> receipts = new ArrayList<>();
        for (Path folder : folders) {
            if (receipts.size() == most) {
                break;
            }
            try {
                read(folder)
                        .filter(receipt ->
                                receipt.complete() && receipt.planHash().equals(planHash))
                        .ifPresent(receipts::add);
            } catch (Unreadable e) {
                // a receipt of another version: no measure for this one
            }
        }
        return receipts;
    }

    /** The finished parts of an archive. */
    static List<Part> partsIn(Path folder) throws IOException {
        return ArchivedParts.all(folder);
    }
}
