package dev.upkeep.executor.database;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.request.Glob;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Finds databases, and keeps the set of all up to date: the listed ones, and those found. What was found once stays while its
 * server or folder does not answer. What cannot be named is left out and said once. Used by one thread at a time.
 */
public final class Discovery {
    private static final Logger LOG = Logger.getLogger(Discovery.class);
    private static final byte[] SQLITE_MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    /** How a restore calls a database that it has not filled yet. */
    private static final String PARTIAL = "upkeep_partial_";

    private static final int DEEPEST = 10;
    private static final int MOST = 1_000;

    private final DiscoveryConfig config;
    private final List<Database> listed;
    private final Databases all;
    private final Map<String, List<Database>> found = new HashMap<>();
    private final Set<String> said = new HashSet<>();

    /** @throws InvalidValue naming the key of a bad value */
    public Discovery(DiscoveryConfig config, List<Database> listed, Databases all) {
        this.config = config;
        this.listed = List.copyOf(listed);
        this.all = all;
        config.postgresql().forEach(Discovery::entry);
    }

    private static PostgresDatabase entry(String name, DiscoveryConfig.PostgresServer server) {
        return ConfiguredDatabases.postgres(
                key(name),
                new DatabaseId(name),
                server.labels(),
                server.server(),
                server.database().orElse("postgres"));
    }

    private static String key(String name) {
        return "upkeep.discovery.postgresql." + name + ".";
    }

    /** Looks everywhere, and replaces the set. */
    public void look() {
        config.postgresql().forEach(this::lookAtServer);
        config.sqlite().forEach(this::lookAtFolder);
        Map<DatabaseId, Database> set = new HashMap<>();
        Set<Object> places = new HashSet<>();
        for (Database database : listed) {
            set.put(database.id(), database);
            places.add(place(database));
        }
        found.values().stream().flatMap(List::stream).forEach(database -> {
            if (places.add(place(database)) && set.putIfAbsent(database.id(), database) != null) {
                sayOnce("two databases would be called " + database.id() + "; the found one is left out: " + database);
            }
        });
        all.replace(set.values());
    }

    private static Object place(Database database) {
        return database instanceof PostgresDatabase postgres ? postgres.address() : ((SqliteDatabase) database).file();
    }

    private void lookAtServer(String name, DiscoveryConfig.PostgresServer server) {
        String key = key(name);
        PostgresDatabase entry = entry(name, server);
        List<Glob> excluded =
                server.exclude().orElse(List.of()).stream().map(Glob::new).toList();
        try (Connection connection = entry.connect("discovery");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT datname FROM pg_database WHERE datallowconn"
                        + " AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT') ORDER BY datname")) {
            List<Database> databases = new ArrayList<>();
            while (row.next()) {
                String database = row.getString(1);
                if (databases.size() == MOST) {
                    sayTooMany(key, "on " + entry.address(), database);
                    break;
                }
                if (database.startsWith(PARTIAL)) {
                    sayOnce("database " + database + " of " + entry.address()
                            + " is what a restore that was broken off left, or"
                            + " what one is filling; it is not cared for. If no restore is under way, drop it");
                } else if (excluded.stream().noneMatch(glob -> glob.matches(database))) {
                    add(
                            databases,
                            name + "/" + database,
                            id -> new PostgresDatabase(
                                    id,
                                    server.labels(),
                                    new PostgresAddress(
                                            entry.address().host(),
                                            entry.address().port(),
                                            database),
                                    entry.user(),
                                    entry.password(),
                                    entry.settings(),
                                    entry.systemIdentifier()));
                }
            }
            found.put(key, databases);
            said.remove(key);
        } catch (SQLException e) {
            if (said.add(key)) {
                LOG.warnf("the databases of %s cannot be listed: %s", entry.address(), SqlMessage.of(e));
            }
        }
    }

    private void lookAtFolder(String name, DiscoveryConfig.SqliteFolder folder) {
        Path root = folder.root().toAbsolutePath().normalize();
        PathMatcher matcher =
                root.getFileSystem().getPathMatcher("glob:" + folder.glob().orElse("**"));
        List<Database> databases = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root, DEEPEST)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                Path relative = root.relativize(file);
                boolean fits = matcher.matches(relative)
                        || (relative.getNameCount() == 1 && matcher.matches(Path.of("x", relative.toString())));
                if (fits && isSqlite(file)) {
                    if (databases.size() == MOST) {
                        sayTooMany("upkeep.discovery.sqlite." + name + ".", "under " + root, relative.toString());
                        break;
                    }
                    add(
                            databases,
                            name + "/" + relative,
                            id -> new SqliteDatabase(id, folder.labels(), file, Optional.of(root)));
                }
            }
            found.put("sqlite " + name, databases);
            said.remove(name);
        } catch (IOException | UncheckedIOException e) {
            if (said.add(name)) {
                LOG.warnf("the SQLite files under %s cannot be listed: %s", root, e);
            }
        }
    }

    /** Reads the first bytes only if nobody in this process can hold a lock on the file: closing a file drops them. */
    private boolean isSqlite(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) < SQLITE_MAGIC.length) {
            return false;
        }
        boolean isKnown = all.all().stream()
                .anyMatch(database ->
                        database instanceof SqliteDatabase known && known.file().equals(file));
        if (isKnown) {
            return true;
        }
        try (InputStream stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Arrays.equals(stream.readNBytes(SQLITE_MAGIC.length), SQLITE_MAGIC);
        }
    }

    /** Makes a database of its id. */
    private interface Making {
        Database of(DatabaseId id);
    }

    private void add(List<Database> databases, String id, Making making) {
        try {
            databases.add(making.of(new DatabaseId(id)));
        } catch (InvalidValue e) {
            sayOnce("a database was found that cannot be cared for under its name; list it under upkeep.databases: "
                    + e.getMessage());
        }
    }

    private void sayTooMany(String key, String where, String first) {
        sayOnce("there are more than " + MOST + " databases " + where + "; from " + first
                + " on they are not cared for. Split the entry " + key + "* into several, or narrow what it finds");
    }

    private void sayOnce(String problem) {
        if (said.add(problem)) {
            LOG.warn(problem);
        }
    }
}
