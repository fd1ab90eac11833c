package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

class SqliteSite extends Site {
    private final Path file;
    private final Connection connection;

    SqliteSite(Path folder) throws SQLException {
        this(folder, "app.db");
    }

    SqliteSite(Path folder, String name) throws SQLException {
        super(folder.resolve(name + "-archives"));
        this.file = folder.resolve(name);
        this.connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        prepare();
        execute(
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = OFF",
                "PRAGMA busy_timeout = 5000",
                "PRAGMA foreign_keys = ON");
    }

    /** What has to be said before anything is in the file. */
    void prepare() throws SQLException {}

    Path file() {
        return file;
    }

    SqliteDatabase database() {
        return new SqliteDatabase(ID, Map.of(), file);
    }

    @Override
    Connection application() {
        return connection;
    }

    @Override
    Done perform(Order<Purge> order, Attempt attempt) throws Exception {
        return new SqlitePurge(config(), id -> backup, archives).perform(order, database(), attempt);
    }

    @Override
    Done restore(Order<RestorePurged> order, Attempt attempt) throws Exception {
        return new SqliteRestorePurged(config(), archives).perform(order, database(), attempt);
    }

    @Override
    String translated(String sql) {
        return sql.replace("${time}", "TEXT")
                .replace("${big}", "INTEGER")
                .replace("${id}", "INTEGER PRIMARY KEY")
                .replace("${deferred}", "DEFERRABLE INITIALLY DEFERRED");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
