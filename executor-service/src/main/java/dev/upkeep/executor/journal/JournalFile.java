package dev.upkeep.executor.journal;

import dev.upkeep.common.id.ExecutorId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;

/**
 * The SQLite file under the journal: opened in WAL mode with {@code synchronous=FULL}, so that what a transaction wrote survives
 * {@code kill -9} and power cuts. One connection, one transaction at a time. Thread-safe.
 */
public final class JournalFile implements AutoCloseable {
    static final int APPLICATION_ID = 0x55504b4a;
    static final int VERSION = 2;

    private static final String COMPARED = "compared";
    private static final String RECOVERED_AT = "recovered_at";
    private static final int ERROR = 1;
    private static final int VERSION_MISMATCH = 17;
    private static final int CORRUPT = 11;
    private static final int CANNOT_OPEN = 14;
    private static final int NOT_A_DATABASE = 26;
    private static final Set<Integer> USELESS = Set.of(ERROR, CORRUPT, NOT_A_DATABASE);

    private final Path path;
    private final Connection connection;
    private final ReentrantLock turn = new ReentrantLock();
    private final Instant born;
    private volatile Optional<Instant> recoveredAt;

    private JournalFile(Path path, Connection connection, Instant born, Optional<Instant> recoveredAt) {
        this.path = path;
        this.connection = connection;
        this.born = born;
        this.recoveredAt = recoveredAt;
    }

    /** What is done within one transaction. */
    @FunctionalInterface
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /**
     * Opens the journal of this executor, or begins one.
     *
     * @param recoveredAt since when it is a new beginning, if an earlier journal had to be set aside
     * @throws JournalFailure if the file is damaged, of another kind, or another executor's
     */
    static JournalFile open(Path path, ExecutorId executor, Clock clock, Optional<Instant> recoveredAt) {
        boolean isNew = !Files.exists(path);
        try {
            Connection connection = connect(path);
            try {
                if (isNew) {
                    begin(connection, executor, clock.instant(), recoveredAt);
                }
                check(connection, executor);
                closeToOthers(path);
                Instant born =
                        meta(connection, "born").map(Instant::parse).orElseThrow(() -> new SQLException("no birth"));
                return new JournalFile(
                        path, connection, born, meta(connection, RECOVERED_AT).map(Instant::parse));
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new JournalFailure("cannot open the journal " + path + ": " + e.getMessage(), e, isUseless(e));
        }
    }

    /** The ids of up to 100 commands that a journal had taken and not ended, as far as they can be read; changes nothing in it. */
    static List<String> openIn(Path path) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        List<String> open = new ArrayList<>();
        try (Connection connection = config.createConnection("jdbc:sqlite:" + path);
                Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT id FROM command WHERE state <> 'ended' LIMIT 100")) {
            while (row.next()) {
                open.add(row.getString(1));
            }
        } catch (SQLException e) {
            return open; // that it is damaged was said already
        }
        return open;
    }

    private static boolean isUseless(SQLException error) {
        return USELESS.contains(error.getErrorCode() & 0xff);
    }

    private static SQLException useless(String what) {
        return new SQLException(what, "", NOT_A_DATABASE);
    }

    private static Connection connect(Path path) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-1_000);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    private static void begin(Connection connection, ExecutorId executor, Instant now, Optional<Instant> recoveredAt)
            throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String sql : schema().split(";\\s*\n", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
            statement.execute("PRAGMA application_id = " + APPLICATION_ID);
            statement.execute("PRAGMA user_version = " + VERSION);
        }
        put(connection, "executor", executor.text());
        put(connection, "born", now.truncatedTo(ChronoUnit.MILLIS).toString());
        if (recoveredAt.isPresent()) {
            put(
                    connection,
                    RECOVERED_AT,
                    recoveredAt.get().truncatedTo(ChronoUnit.MILLIS).toString());
            put(connection, COMPARED, "with the journal that was set aside");
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static String schema() {
        try (InputStream stream = JournalFile.class.getResourceAsStream("journal.sql")) {
            if (stream == null) {
                throw new IllegalStateException("journal.sql is not in the jar");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(Connection connection, ExecutorId executor) throws SQLException {
        String health = text(connection, "PRAGMA quick_check(1)");
        if (!"ok".equals(health)) {
            throw useless("it is damaged: " + health);
        }
        if (!Integer.toString(APPLICATION_ID).equals(text(connection, "PRAGMA application_id"))) {
            throw useless("it is not a journal of Upkeep");
        }
        upgrade(connection);
        String version = text(connection, "PRAGMA user_version");
        if (!Integer.toString(VERSION).equals(version)) {
            throw new SQLException(
                    "its format is version " + version + ", but this executor knows " + VERSION
                            + "; run the version of Upkeep that wrote it",
                    "",
                    VERSION_MISMATCH);
        }
        String owner = meta(connection, "executor").orElse("nobody");
        if (!owner.equals(executor.text())) {
            throw useless("it is the journal of executor " + owner + ", not of " + executor);
        }
    }

    /** From version 1, which counted neither crashes nor failures, and was never compared with a registration. */
    private static void upgrade(Connection connection) throws SQLException {
        if (!"1".equals(text(connection, "PRAGMA user_version"))) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE step ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0");
            statement.execute("ALTER TABLE step ADD COLUMN failures INTEGER NOT NULL DEFAULT 0");
            put(connection, COMPARED, "when it was upgraded");
            statement.execute("PRAGMA user_version = " + VERSION);
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** SQLite gives files the mode that the umask leaves; the folder is closed already. */
    private static void closeToOthers(Path path) throws SQLException {
        try {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Path part = path.resolveSibling(path.getFileName() + suffix);
                if (Files.exists(part)) {
                    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-------"));
                }
            }
        } catch (IOException e) {
            throw new SQLException("its files cannot be closed to others: " + e.getMessage(), "", CANNOT_OPEN, e);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    private static Optional<String> meta(Connection connection, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT value FROM meta WHERE name = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    private static void put(Connection connection, String name, String value) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO meta (name, value) VALUES (?, ?)")) {
            insert.setString(1, name);
            insert.setString(2, value);
            insert.executeUpdate();
        }
    }

    /** Does it in one transaction, which is durable when this returns. */
    <T> T write(Work<T> work) {
        turn.lock();
        try {
            connection.setAutoCommit(false);
            try {
                T value = work.in(connection);
                connection.commit();
                return value;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new JournalFailure("cannot write the journal " + path + ": " + e.getMessage(), e);
        } finally {
            turn.unlock();
        }
    }

    <T> T read(Work<T> work) {
        turn.lock();
        try {
            return work.in(connection);
        } catch (SQLException e) {
            throw new JournalFailure("cannot read the journal " + path + ": " + e.getMessage(), e);
        } finally {
            turn.unlock();
        }
    }

    /** When this journal began: of what was ordered earlier it cannot know whether it was done. */
    Instant born() {
        return born;
    }

    /** When it was begun anew in place of one that was lost or damaged. */
    Optional<Instant> recoveredAt() {
        return recoveredAt;
    }

    /** Whether it was ever held against what the executor had said of itself before this journal began. */
    boolean isCompared() {
        return read(connection -> meta(connection, COMPARED)).isPresent();
    }

    /** @param isLost whether another journal of this executor had been there before */
    void compared(boolean isLost) {
        write(connection -> {
            put(connection, COMPARED, isLost ? "with another journal's birth" : "with nothing");
            if (isLost) {
                put(connection, RECOVERED_AT, born.toString());
            }
            return isLost;
        });
        if (isLost) {
            recoveredAt = Optional.of(born);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        turn.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new JournalFailure("cannot close the journal " + path + ": " + e.getMessage(), e);
        } finally {
            turn.unlock();
        }
    }
}
