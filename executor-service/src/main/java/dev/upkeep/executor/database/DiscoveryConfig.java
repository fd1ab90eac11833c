package dev.upkeep.executor.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where to look for databases that nobody listed. */
@ConfigMapping(prefix = "upkeep.discovery")
public interface DiscoveryConfig {
    /** PostgreSQL servers, all of whose databases are cared for as {@code <name>/<database>}. */
    Map<String, PostgresServer> postgresql();

    /** Folders, all of whose SQLite files are cared for as {@code <name>/<path>}. */
    Map<String, SqliteFolder> sqlite();

    /** One PostgreSQL server. */
    interface PostgresServer {
        /** How to reach it. */
        @WithParentName
        DatabasesConfig.Server server();

        /** The database that is asked for the others; {@code postgres} if absent. */
        Optional<String> database();

        /** Patterns of databases to leave alone. */
        Optional<List<String>> exclude();

        /** Labels of all its databases. */
        Map<String, String> labels();
    }

    /** One folder. */
    interface SqliteFolder {
        /** Where to look; links are not followed. */
        Path root();

        /** Which files, relative to the root, such as {@code **}{@code /*.db}; all if absent. */
        Optional<String> glob();

        /** Labels of all its databases. */
        Map<String, String> labels();
    }
}
