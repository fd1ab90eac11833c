package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.DB;

/**
 * A copy of a SQLite database, by the online backup API or by VACUUM INTO, of one snapshot: with the online API a read transaction
 * is held on the source, so that a foreign write never makes it begin anew, which beside a busy writer would go on for ever.
 *
 * <p>In WAL mode a reader does not hold up writers, and the copy pauses between its pieces as the pace asks. In the other journal
 * modes a reader keeps writers from committing, so the copy runs through without a pause.
 *
 * <p>A large file is copied in a process of its own, which is ended when there is a reason to stop. A small one is copied here, to its
 * end: the driver has no way to break off.
 */
final class SqliteCopy implements Source {
    private static final long STEP = 256 * 1024;
    private static final int BUSY_PAUSE_MILLIS = 20;
    private static final int BUSY_TRIES = 500;
    private static final int ALL_PAGES = -1;
    /** What is smaller is copied to its end in about a second if need be. */
    private static final long APART_FROM = 512L * 1024 * 1024;

    private static final long FLUSH_EVERY = 4L * 1024 * 1024;

    private final SqliteDatabase database;
    private final Attempt attempt;
    private final Method method;
    private final Facts facts;
    private final long apartFrom;

    private SqliteCopy(SqliteDatabase database, Attempt attempt, Method method, Facts facts, long apartFrom) {
        this.apartFrom = apartFrom;
        this.database = database;
        this.attempt = attempt;
        this.method = method;
        this.facts = facts;
    }

    private record Facts(String version, long pages, long pageBytes, boolean isWal) {
        long bytes() {
            return pages * pageBytes;
        }
    }

    static SqliteCopy of(SqliteDatabase database, Attempt attempt, Method method) throws SQLException {
        return of(database, attempt, method, APART_FROM);
    }

    /** @param apartFrom the bytes from which on the online method copies in a process of its own */
    static SqliteCopy of(SqliteDatabase database, Attempt attempt, Method method, long apartFrom) throws SQLException {
        try (Connection connection = database.connectReadOnly()) {
            return new SqliteCopy(
                    database,
                    attempt,
                    method,
                    new Facts(
                            text(connection, "SELECT sqlite_version()"),
                            Long.parseLong(text(connection, "PRAGMA page_count")),
                            Long.parseLong(text(connection, "PRAGMA page_size")),
                            "wal".equals(text(connection, "PRAGMA journal_mode"))),
                    apartFrom);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    public Method method() {
        return method;
    }

    @Override
    public long sourceBytes() {
        return facts.bytes();
    }

    @Override
    public long expectedBytes() {
        return facts.bytes();
    }

    @Override
    public long scratchBytes() {
        return facts.bytes();
    }

    @Override
    public Manifest.Versions versions() {
        return new Manifest.Versions(facts.version(), "sqlite " + facts.version(), Optional.empty());
    }

    @Override
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws SQLException, IOException {
        Path copy = workplace.scratch("copy");
        BackupFolder.create(copy).close();
        try (Connection connection = database.connectReadOnly()) {
            if (method == Method.VACUUM_INTO) {
                vacuumInto(connection, copy);
            } else {
                copyPages(connection, copy, pump);
            }
        }
        pump.goOn();
        try (InputStream content = Files.newInputStream(copy)) {
            pump.move(content, out::write, new Pump.Part("compression", Files.size(copy), 40, 70));
        }
        Files.delete(copy);
    }

    @SuppressWarnings("try") // some resources only have to be closed
    private void vacuumInto(Connection connection, Path copy) throws SQLException {
        try (Statement settings = connection.createStatement()) {
            // it writes another file only; the source stays opened for reading
            settings.execute("PRAGMA query_only = off");
        }
        try (PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?");
                Attempt.Interruption interruption = attempt.onStop(() -> cancel(statement))) {
            statement.setString(1, copy.toString());
            statement.executeUpdate();
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            throw new IllegalStateException("a running statement cannot be cancelled", e);
        }
    }

    private void copyPages(Connection connection, Path copy, Pump pump) throws SQLException, IOException {
        if (facts.bytes() >= apartFrom && copiedApart(copy, pump)) {
            return;
        }
        connection.setAutoCommit(false);
        text(connection, "SELECT count(*) FROM sqlite_schema");
        DB source = connection.unwrap(SQLiteConnection.class).getDatabase();
        int result;
        try (FileChannel file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            result = source.backup(
                    "main", copy.toString(), new Steps(pump, file), BUSY_PAUSE_MILLIS, BUSY_TRIES, pagesInStep());
        }
        connection.rollback();
        if (result != 0) {
            throw new SQLException("the online backup ended with result " + result, "", result);
        }
    }

    private int pagesInStep() {
        return facts.isWal() ? (int) Math.max(1, STEP / facts.pageBytes()) : ALL_PAGES;
    }

    /** Copies in a process that can be ended; the connection that is open here keeps the write-ahead log in place meanwhile. */
    private boolean copiedApart(Path copy, Pump pump) throws SQLException, IOException {
        Optional<CopyProcess> process = CopyProcess.find();
        if (process.isEmpty()) {
            return false;
        }
        boolean isReadOnly = Files.exists(Path.of(database.file() + "-wal"));
        try (FileChannel file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            Steps steps = new Steps(pump, file);
            return process.get().copy(database.file(), copy, isReadOnly, pagesInStep(), attempt, steps::copied);
        }
    }

    /** Called by SQLite between steps; must not throw into native code. */
    private final class Steps implements DB.ProgressObserver {
        private final Pump pump;
        private final FileChannel copy;
        private int copied;
        private int unflushed;
        private boolean inHaste;

        Steps(Pump pump, FileChannel copy) {
            this.pump = pump;
            this.copy = copy;
        }

        @Override
        public void progress(int remaining, int pageCount) {
            try {
                if (!inHaste) {
                    copied(remaining, pageCount);
                }
            } catch (Failure | IOException stopped) {
                // the API offers no way to break off: the rest is copied without pauses, and then the attempt ends
                inHaste = true;
            }
        }

        void copied(int remaining, int pageCount) throws IOException {
            pump.goOn();
            attempt.progress(
                    40.0 * (pageCount - remaining) / Math.max(1, pageCount),
                    Optional.empty(),
                    "copy: " + (pageCount - remaining) + " of " + pageCount + " pages");
            int pages = pageCount - remaining - copied;
            copied += pages;
            if (facts.isWal()) {
                if (pump.isGentle()) {
                    flush(pages);
                }
                pump.yieldAfter(pages * facts.pageBytes());
            }
        }

        /** Brings what is copied to disk steadily: at the end it would be one flood. */
        private void flush(int pages) throws IOException {
            unflushed += pages;
            if (unflushed * facts.pageBytes() >= FLUSH_EVERY) {
                copy.force(false);
                unflushed = 0;
            }
        }
    }

    @Override
    public ContentCheck check() {
        return new SqliteCheck(attempt);
    }

    /** The failure of a source that is damaged already. */
    static Failure damaged(String what) {
        return new Failure(
                Code.VERIFICATION_FAILED,
                "the copy does not pass SQLite's integrity check: " + what
                        + "; if a new backup says the same, the database itself is damaged");
    }
}
