package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Method;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.List;

/** What a backup is taken from, by one method. Made for one attempt and used by one thread. */
interface Source {
    Method method();

    /** What its backups are called. */
    default String form() {
        return BackupName.formOf(method());
    }

    /** How what it writes is to be compressed when this was asked for: not at all if it compresses itself. */
    default Compression stored(Compression asked) {
        return asked;
    }

    /** What was not as it should be, known when all is written. */
    default List<Finding> findings(String backup) {
        return List.of();
    }

    /** Bytes of the database as it lies on disk. */
    long sourceBytes();

    /** Bytes that the content will have before compression, as far as can be known beforehand. */
    long expectedBytes();

    /** Bytes that are needed beside the backup itself while it is taken and verified. */
    default long scratchBytes() {
        return 0;
    }

    Manifest.Versions versions();

    /** Before anything is written: what an earlier restore left unfinished can go, as nobody else is at work now. */
    default void prepare() throws SQLException {}

    /** Writes the content, one consistent state of the database. */
    void writeTo(OutputStream out, Workplace workplace, Pump pump) throws SQLException, IOException;

    /** How what it wrote is read back. */
    ContentCheck check();
}
