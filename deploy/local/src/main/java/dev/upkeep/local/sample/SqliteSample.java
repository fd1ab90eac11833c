package dev.upkeep.local.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * The samples that are SQLite files.
 *
 * <p>A file is built under a temporary name and renamed when it is whole; a file that exists is left alone.
 */
public enum SqliteSample {
    /**
     * System 1: the audit database of a pipeline engine, with times as ISO 8601 text. Its root table is {@code runs}. Foreign keys
     * are declared from {@code tokens} to {@code rows} and from {@code node_states} to {@code tokens} only; the other links are known
     * to the application alone. All links but {@code edges.run_id}, a small table, have an index.
     */
    AUDIT("audit"),
    /** System 4: a task queue in WAL mode, with times as epoch seconds, some stale leases and free pages. */
    QUEUE("queue");

    private final String name;

    SqliteSample(String name) {
        this.name = name;
    }

    /** The name of its file, and, without the ending, of its database. */
    public String fileName() {
        return name + ".db";
    }

    /**
     * Makes the file in this folder, unless it exists.
     *
     * @param now what ages are counted from
     * @return whether it was made
     */
    public boolean create(Path folder, Instant now) throws IOException, SQLException {
        Path file = folder.resolve(fileName());
        if (Files.exists(file)) {
            return false;
        }
        Files.createDirectories(folder);
        Path partial = folder.resolve(fileName() + ".partial");
        for (String ending : List.of("", "-journal", "-wal", "-shm")) {
            Files.deleteIfExists(Path.of(partial + ending));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + partial)) {
            SampleScript.load(name + ".sql", now).run(connection);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        return true;
    }
}
