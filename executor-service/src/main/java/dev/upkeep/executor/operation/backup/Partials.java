package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.database.PostgresDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names of what a restore has begun and not finished. They hold the id of the database that is restored, so that whoever holds
 * its backup folder knows that nobody is at work on them any more, and may remove them.
 */
final class Partials {
    private static final String DATABASE = "upkeep_partial_";
    private static final String FILE = ".upkeep-";

    private Partials() {}

    /** A PostgreSQL database that is being filled, to be called {@code name} in the end. */
    static String database(DatabaseId restored, String name) {
        return databases(restored) + BackupName.shortHash(name);
    }

    private static String databases(DatabaseId restored) {
        return DATABASE + BackupName.shortHash(restored.text()) + "_";
    }

    /** A file or folder that is being filled, beside the one it is to be in the end. */
    static Path file(DatabaseId restored, Path whole) {
        return whole.resolveSibling(files(restored) + whole.getFileName() + BackupName.PARTIAL);
    }

    private static String files(DatabaseId restored) {
        return FILE + BackupName.shortHash(restored.text()) + "-";
    }

    /** Removes the files and folders that were left; only for who holds the backup folder. */
    static void removeFiles(Path directory, DatabaseId restored) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> left;
        try (Stream<Path> all = Files.list(directory)) {
            left = all.filter(file -> isLeft(file.getFileName().toString(), restored))
                    .toList();
        }
        for (Path file : left) {
            BackupFolder.deleteTree(file);
        }
    }

    private static boolean isLeft(String name, DatabaseId restored) {
        return name.startsWith(files(restored)) && name.endsWith(BackupName.PARTIAL);
    }

    /** Drops the databases that were left, if they are this role's own; only for who holds the backup folder. */
    static void dropDatabases(PostgresDatabase database) throws SQLException {
        try (Connection connection = database.connect("restore");
                Statement statement = connection.createStatement()) {
            List<String> left = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database WHERE starts_with(datname, '"
                    + databases(database.id())
                    + "') AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)")) {
                while (rows.next()) {
                    left.add(rows.getString(1));
                }
            }
            statement.execute("SET statement_timeout = '10min'");
            for (String name : left) {
                statement.execute("DROP DATABASE IF EXISTS " + DumpLoad.quoted(name));
            }
        }
    }
}
