package dev.upkeep.executor.database;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Labels;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * One SQLite file. It is never created by opening it, and no persistent setting of it is changed by opening it.
 *
 * @param root the folder that the file must be in after all symbolic links are followed; empty for a file that the
 *     configuration names itself
 */
public record SqliteDatabase(DatabaseId id, Map<String, String> labels, Path file, Optional<Path> root)
        implements Database {
    /** How long a statement waits for a lock before it fails as busy; short, so that the application never waits for us. */
    public static final int BUSY_MILLIS = 250;

    private static final int CANNOT_OPEN = 14;
    private static final int FORBIDDEN = 3;
    private static final String PLAIN = "/._-~";

    public SqliteDatabase {
        labels = Labels.checked("labels", labels);
        file = file.toAbsolutePath().normalize();
        root = root.map(folder -> folder.toAbsolutePath().normalize());
    }

    /** A file that the configuration names itself. */
    public SqliteDatabase(DatabaseId id, Map<String, String> labels, Path file) {
        this(id, labels, file, Optional.empty());
    }

    @Override
    public Engine engine() {
        return Engine.SQLITE;
    }

    /**
     * Opens the file for reading only. A file that nobody has open is opened in a way that lets SQLite take its {@code -wal} and
     * {@code -shm} away again at the end, which a strictly reading session must leave behind.
     */
    public Connection connectReadOnly() throws SQLException {
        if (Files.exists(Path.of(file + "-wal"))) {
            return connect(SQLiteOpenMode.READONLY);
        }
        Connection connection = connect(SQLiteOpenMode.READWRITE);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Opens the file for reading and writing; foreign keys are enforced. */
    public Connection connect() throws SQLException {
        return connect(SQLiteOpenMode.READWRITE);
    }

    private Connection connect(SQLiteOpenMode mode) throws SQLException {
        if (!Files.isRegularFile(file)) {
            throw new SQLException("there is no database file " + file, "", CANNOT_OPEN);
        }
        checkInsideRoot();
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        if (mode == SQLiteOpenMode.READONLY) {
            config.setReadOnly(true);
        }
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        return config.createConnection("jdbc:sqlite:" + uri(file));
    }

    private void checkInsideRoot() throws SQLException {
        if (root.isEmpty()) {
            return;
        }
        try {
            if (!file.toRealPath().startsWith(root.get().toRealPath())) {
                throw new SQLException(
                        file + " is a symbolic link that leads out of " + root.get() + "; it is not followed",
                        "",
                        FORBIDDEN);
            }
        } catch (IOException e) {
            throw new SQLException("cannot follow " + file + ": " + e.getMessage(), "", CANNOT_OPEN, e);
        }
    }

    /** The path as SQLite's URI; a plain path would end at a question mark, and what follows would be read as settings. */
    static String uri(Path file) {
        StringBuilder uri = new StringBuilder("file:");
        for (byte octet : file.toString().getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            boolean isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (isPlain || PLAIN.indexOf(c) >= 0) {
                uri.append(c);
            } else {
                uri.append(String.format("%%%02x", (int) c));
            }
        }
        return uri.toString();
    }

    @Override
    public Code codeOf(SQLException error) {
        Code code = SqliteErrors.codeOf(error);
        boolean isThere = code == Code.NO_SUCH_DATABASE && Files.isRegularFile(file);
        return isThere ? Code.PERMISSION_DENIED : code;
    }

    @Override
    public String toString() {
        return id + " (" + file + ")";
    }
}
