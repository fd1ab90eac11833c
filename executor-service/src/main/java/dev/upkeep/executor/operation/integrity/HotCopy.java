package dev.upkeep.executor.operation.integrity;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.sqlite.LockHolders;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteConnection;

/** A copy of a file that others use, page for page as it is, damage and all; gone when it is closed. */
final class HotCopy implements AutoCloseable {
    /** Smaller files are checked in a second or so. */
    private static final long WORTH_A_COPY = 64L * 1024 * 1024;

    private static final int ALL_PAGES = -1;
    private static final int PAUSE_MILLIS = 50;
    private static final int TRIES = 100;
    private static final int OK = 0;

    private final Path folder;
    private final Path file;

    private HotCopy(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("copy.db");
    }

    static boolean isWanted(SqliteDatabase database, SqliteFigures figures) throws IOException {
        return figures.bytes() >= WORTH_A_COPY
                && figures.isWal()
                && LockHolders.hasOthers(database.file())
                && Files.getFileStore(temporary()).getUsableSpace() > figures.bytes() * 2;
    }

    /** Copies in one step, which reads for as short as can be. */
    static HotCopy of(SqliteSession session, SqliteFigures figures) throws SQLException, IOException {
        HotCopy copy = new HotCopy(Files.createTempDirectory(temporary(), "upkeep-check-"));
        try {
            int result = session.connection()
                    .unwrap(SQLiteConnection.class)
                    .getDatabase()
                    .backup("main", copy.file.toString(), null, PAUSE_MILLIS, TRIES, ALL_PAGES);
            if (result != OK) {
                throw new Failure(
                        Code.STORE_UNAVAILABLE,
                        "no copy of " + figures.bytes() + " bytes could be made in " + copy.folder + ": result "
                                + result);
            }
            return copy;
        } catch (SQLException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The copy as a database. */
    SqliteDatabase database(SqliteDatabase original) {
        return new SqliteDatabase(original.id(), original.labels(), file, Optional.empty());
    }

    @Override
    public void close() throws IOException {
        for (String suffix : new String[] {"", "-wal", "-shm", "-journal"}) {
            Files.deleteIfExists(Path.of(file + suffix));
        }
        Files.deleteIfExists(folder);
    }
}
