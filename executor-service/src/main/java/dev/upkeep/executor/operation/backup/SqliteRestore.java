package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteConnection;

/**
 * Restores a SQLite database: into a new file of the executor's folder for that, or, by SQLite's own backup API and so in one
 * transaction that other sessions see as a whole, over the original.
 */
@ApplicationScoped
class SqliteRestore implements Operation<Restore, SqliteDatabase> {
    private static final int BUSY_PAUSE_MILLIS = 50;
    private static final int BUSY_TRIES = 600;
    private static final int ALL_PAGES = -1;

    private final BackupSettings settings;
    private final Restoring restoring;
    private final SqliteBackup backup;

    SqliteRestore(BackupSettings settings, Restoring restoring, SqliteBackup backup) {
        this.settings = settings;
        this.restoring = restoring;
        this.backup = backup;
    }

    @Override
    public Class<Restore> task() {
        return Restore.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Restore> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Path file = order.task().overOriginal()
                ? database.file()
                : settings.restoreDirectory()
                        .toAbsolutePath()
                        .normalize()
                        .resolve(order.task().into().orElseGet(() -> Restoring.generated(order, database)) + ".db");
        return restoring.restore(order, database, attempt, new FileTarget(order, database, attempt, file));
    }

    private final class FileTarget implements Restoring.Target {
        private final Order<Restore> order;
        private final SqliteDatabase database;
        private final Attempt attempt;
        private final Path file;

        FileTarget(Order<Restore> order, SqliteDatabase database, Attempt attempt, Path file) {
            this.order = order;
            this.database = database;
            this.attempt = attempt;
            this.file = file;
        }

        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public Optional<Reason> refusal(Manifest manifest) {
            if (order.task().until().isPresent()) {
                return Optional.of(new Reason(
                        Code.UNSUPPORTED,
                        "until: a point in time (is not offered for sqlite, which keeps no log to replay)"));
            }
            boolean isTaken = !order.task().overOriginal() && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            return isTaken
                    ? Optional.of(new Reason(Code.INVALID, "into: " + file + " (exists already; give another name)"))
                    : Optional.empty();
        }

        @Override
        public long freeBytes() throws IOException {
            return DiskSpace.free(file.toAbsolutePath());
        }

        @Override
        public Done safetyBackup() throws SQLException, IOException {
            return backup.perform(
                    new Order<>(order.command(), Backup.byDefault(), order.asOf(), false, Optional.empty()),
                    database,
                    attempt);
        }

        @Override
        public Contents restore(Drilling.Task task) throws SQLException, IOException {
            Unpacking.into(task.scratch(), task);
            SqliteCheck check = new SqliteCheck(attempt);
            Contents found = check.contents(task.scratch());
            task.pump().goOn();
            if (order.task().overOriginal()) {
                overwrite(task.scratch());
                return check.contentsOf(database);
            }
            Path folder = settings.restoreDirectory().toAbsolutePath().normalize();
            Files.createDirectories(folder);
            Path partial = Partials.file(database.id(), file);
            try {
                Files.copy(task.scratch(), partial, StandardCopyOption.REPLACE_EXISTING);
                BackupFolder.sync(partial);
                CrashPoint.hit("restore-copied");
                // a link, unlike a rename, never takes the place of a file that appeared meanwhile
                Files.createLink(file, partial);
            } finally {
                Files.deleteIfExists(partial);
            }
            BackupFolder.sync(folder);
            return found;
        }

        private void overwrite(Path copy) throws SQLException {
            try (Connection connection = database.connect()) {
                int result = connection
                        .unwrap(SQLiteConnection.class)
                        .getDatabase()
                        .restore("main", copy.toString(), null, BUSY_PAUSE_MILLIS, BUSY_TRIES, ALL_PAGES);
                if (result != 0) {
                    throw new SQLException(
                            "restoring over " + database.file() + " ended with result " + result, "", result);
                }
            }
        }
    }
}
