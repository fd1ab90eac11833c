package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Method;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of backups, generated from database, time and command, and never taken from outside:
 * {@code db7+telemetry-20261121T020000Z-1f3a9c04.dump.zst}. The folder of a database is its id with {@code +} for each slash,
 * a character that no id holds.
 */
final class BackupName {
    /** The end of the name of anything that is not whole yet. */
    static final String PARTIAL = ".partial";

    static final String MANIFEST = ".json";

    /** What a dump of many files is called. */
    static final String DUMP_TAR = "dumptar";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String FORM =
            "-\\d{8}T\\d{6}Z-[0-9a-f]{8}\\.(dump|dumptar|base|sqlite)(\\.(zst|lz4|gz))?(\\.age)?";
    private static final Pattern ANY = Pattern.compile(".*" + FORM);

    private BackupName() {}

    static String folder(DatabaseId database) {
        return database.text().replace('/', '+');
    }

    static String of(
            DatabaseId database,
            CommandId command,
            Instant at,
            Method method,
            Compression compression,
            boolean isEncrypted) {
        return of(database, command, at, formOf(method), compression, isEncrypted);
    }

    /** What a method's backups are called, unless a source says otherwise. */
    static String formOf(Method method) {
        return switch (method) {
            case LOGICAL -> "dump";
            case PHYSICAL -> "base";
            case ONLINE, VACUUM_INTO -> "sqlite";
        };
    }

    static String of(
            DatabaseId database,
            CommandId command,
            Instant at,
            String form,
            Compression compression,
            boolean isEncrypted) {
        return folder(database) + "-" + TIME.format(at) + "-" + shortHash(command.text() + "@" + at) + "." + form
                + switch (compression) {
                    case ZSTD -> ".zst";
                    case LZ4 -> ".lz4";
                    case GZIP -> ".gz";
                    case NONE -> "";
                }
                + (isEncrypted ? ".age" : "");
    }

    /** Whether it is a dump of many files, in a tar. */
    static boolean isDumpTar(String name) {
        return hasForm(name, DUMP_TAR);
    }

    /** Whether backups of this form are called so. */
    static boolean hasForm(String name, String form) {
        Matcher matcher = ANY.matcher(name);
        return matcher.matches() && matcher.group(1).equals(form);
    }

    /** Names of backups of this database. */
    static Pattern backups(DatabaseId database) {
        return Pattern.compile(Pattern.quote(folder(database)) + FORM);
    }

    /** Names of all that can be left behind when a backup of this database is broken off, and of whole backups. */
    static Pattern own(DatabaseId database) {
        return Pattern.compile(
                Pattern.quote(folder(database)) + FORM + "(\\.json)?((\\.[a-z]+)?\\.partial(-journal|-wal|-shm)?)?");
    }

    /** Eight hexadecimal digits that stand for a text. */
    static String shortHash(String text) {
        return Sha256.hex(text).substring(0, 8);
    }
}
