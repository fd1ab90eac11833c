package dev.upkeep.executor.database;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Labels;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/** One SQLite file. It is never created by opening it, and no persistent setting of it is changed by opening it. */
public record SqliteDatabase(DatabaseId id, Map<String, String> labels, Path file) implements Database {
    /** How long a statement waits for a lock before it fails as busy; short, so that the application never waits for us. */
    public static final int BUSY_MILLIS = 250;

    private static final int CANNOT_OPEN = 14;

    public SqliteDatabase {
        labels = Labels.checked("labels", labels);
        file = file.toAbsolutePath().normalize();
    }

    @Override
    public Engine engine() {
        return Engine.SQLITE;
    }

    /** Opens the file for reading only. */
    public Connection connectReadOnly() throws SQLException {
        return connect(SQLiteOpenMode.READONLY);
    }

    /** Opens the file for reading and writing; foreign keys are enforced. */
    public Connection connect() throws SQLException {
        return connect(SQLiteOpenMode.READWRITE);
    }

    private Connection connect(SQLiteOpenMode mode) throws SQLException {
        if (!Files.isRegularFile(file)) {
            throw new SQLException("there is no database file " + file, "", CANNOT_OPEN);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        if (mode == SQLiteOpenMode.READONLY) {
            config.setReadOnly(true);
        }
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    @Override
    public Code codeOf(SQLException error) {
        return SqliteErrors.codeOf(error);
    }

    @Override
    public String toString() {
        return id + " (" + file + ")";
    }
}
