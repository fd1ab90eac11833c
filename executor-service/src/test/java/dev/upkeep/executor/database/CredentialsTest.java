package dev.upkeep.executor.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.local.server.TestServers;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    @TempDir
    Path folder;

    private final dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();

    private Map<String, String> postgres() {
        Map<String, String> keys = new HashMap<>();
        keys.put("upkeep.databases.main.engine", "postgresql");
        keys.put("upkeep.databases.main.host", server.host());
        keys.put("upkeep.databases.main.port", Integer.toString(server.port()));
        keys.put("upkeep.databases.main.database", "postgres");
        keys.put("upkeep.databases.main.user", server.user());
        return keys;
    }

    private static SmallRyeConfig config(Map<String, String> keys) {
        return new SmallRyeConfigBuilder()
                .withMapping(DatabasesConfig.class)
                .withMapping(DiscoveryConfig.class)
                .withConverter(
                        dev.upkeep.common.fleet.Engine.class,
                        200,
                        text -> dev.upkeep.common.fleet.Engine.valueOf(text.toUpperCase(java.util.Locale.ROOT)))
                .withSources(new PropertiesConfigSource(keys, "test", 100))
                .build();
    }

    private static PostgresDatabase only(Map<String, String> keys) {
        return (PostgresDatabase) ConfiguredDatabases.of(config(keys).getConfigMapping(DatabasesConfig.class))
                .get(0);
    }

    private Path passwordFile(String permissions) throws Exception {
        Path file = Files.writeString(folder.resolve("password"), server.password() + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }

    @Test
    void takesThePasswordFromAFileOfItsOwn() throws Exception {
        Map<String, String> keys = postgres();
        keys.put(
                "upkeep.databases.main.password-file", passwordFile("rw-------").toString());

        try (Connection connection = only(keys).connect("test")) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void refusesAPasswordFileThatOthersCanRead() throws Exception {
        Map<String, String> keys = postgres();
        keys.put(
                "upkeep.databases.main.password-file", passwordFile("rw-r--r--").toString());

        assertThatThrownBy(() -> only(keys).connect("test"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining(server.password());
    }

    @Test
    void leavesThePasswordToThePasswordFileOfTheDriver() throws Exception {
        Path file = Files.writeString(
                folder.resolve("pgpass"), "*:" + server.port() + ":*:" + server.user() + ":" + server.password());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        System.setProperty("org.postgresql.pgpassfile", file.toString());

        try (Connection connection = only(postgres()).connect("test")) {
            assertThat(connection.isValid(5)).isTrue();
        } finally {
            System.clearProperty("org.postgresql.pgpassfile");
        }
    }

    @Test
    void saysWhichEnvironmentVariableIsNotSet() {
        Map<String, String> keys = postgres();
        keys.put("upkeep.databases.main.password-env", "UPKEEP_TEST_NOT_SET");

        assertThatThrownBy(() -> only(keys).connect("test")).hasMessageContaining("UPKEEP_TEST_NOT_SET");
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws Exception {
        Map<String, String> keys = postgres();
        keys.put("upkeep.databases.main.ssl.key", passwordFile("rw-r-----").toString());
        if (Files.getOwner(folder.resolve("password")).getName().equals("root")) {
            // libpq's rule: what root owns its group may read
            Files.setPosixFilePermissions(folder.resolve("password"), PosixFilePermissions.fromString("rw-r--r--"));
        }

        assertThatThrownBy(() -> only(keys))
                .hasMessageContaining("upkeep.databases.main.ssl.key")
                .hasMessageContaining("chmod 600");
    }

    @Test
    void leavesAServerAloneThatIsNotTheExpectedOne() throws Exception {
        Map<String, String> keys = postgres();
        keys.put(
                "upkeep.databases.main.password-file", passwordFile("rw-------").toString());
        String identifier;
        try (Connection connection = only(keys).connect("test");
                java.sql.ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT system_identifier::text FROM pg_control_system()")) {
            row.next();
            identifier = row.getString(1);
        }

        keys.put("upkeep.databases.main.system-identifier", identifier);
        only(keys).connect("test").close();

        keys.put("upkeep.databases.main.system-identifier", "7386274398271635412");
        PostgresDatabase clone = only(keys);
        assertThatThrownBy(() -> clone.connect("test"))
                .hasMessageContaining(identifier)
                .hasMessageContaining("7386274398271635412")
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(clone.codeOf(e)).isEqualTo(dev.upkeep.common.result.Code.WRONG_DATABASE));
    }

    @Test
    void namesTheKeyOfABadValue() {
        Map<String, String> keys = postgres();
        keys.put("upkeep.databases.main.ssl.mode", "sometimes");
        assertThatThrownBy(() -> only(keys))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.databases.main.ssl.mode: sometimes");

        keys.remove("upkeep.databases.main.ssl.mode");
        keys.remove("upkeep.databases.main.user");
        assertThatThrownBy(() -> only(keys)).hasMessageContaining("upkeep.databases.main.user");
    }

    @Test
    void neverShowsAPassword() throws Exception {
        Map<String, String> keys = postgres();
        keys.put(
                "upkeep.databases.main.password-file", passwordFile("rw-------").toString());

        assertThat(only(keys).toString()).doesNotContain(server.password());
    }

    @Test
    void findsTheDatabasesOfAServerAndTheSqliteFilesOfAFolder() throws Exception {
        String found = TestServers.newDatabase("found");
        String excluded = TestServers.newDatabase("spared");
        String leftover = TestServers.newDatabase("upkeep_partial_x");
        Path sub = Files.createDirectories(folder.resolve("apps/queue"));
        for (Path file : List.of(sub.resolve("tasks.db"), folder.resolve("apps/top.db"))) {
            try (Connection connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file)) {
                connection.createStatement().execute("CREATE TABLE t (a)");
            }
        }
        Files.writeString(sub.resolve("notes.db"), "this is not a database, though it is called one");
        Files.createSymbolicLink(sub.resolve("link.db"), sub.resolve("tasks.db"));
        Map<String, String> keys = new HashMap<>();
        keys.put("upkeep.discovery.postgresql.main.host", server.host());
        keys.put("upkeep.discovery.postgresql.main.port", Integer.toString(server.port()));
        keys.put("upkeep.discovery.postgresql.main.user", server.user());
        keys.put(
                "upkeep.discovery.postgresql.main.password-file",
                passwordFile("rw-------").toString());
        keys.put("upkeep.discovery.postgresql.main.exclude", "spared_*");
        keys.put("upkeep.discovery.postgresql.main.labels.env", "test");
        keys.put("upkeep.discovery.sqlite.apps.root", folder.resolve("apps").toString());
        keys.put("upkeep.discovery.sqlite.apps.glob", "**/*.db");
        Databases all = new Databases(List.of());

        new Discovery(config(keys).getConfigMapping(DiscoveryConfig.class), List.of(), all).look();

        List<String> ids =
                all.all().stream().map(database -> database.id().text()).toList();
        assertThat(ids).contains("main/postgres", "main/" + found, "apps/queue/tasks.db", "apps/top.db");
        assertThat(ids)
                .doesNotContain(
                        "main/template0",
                        "main/" + excluded,
                        "main/" + leftover,
                        "apps/queue/notes.db",
                        "apps/queue/link.db");
        assertThat(all.find(new dev.upkeep.common.id.DatabaseId("main/" + found))
                        .orElseThrow()
                        .labels())
                .containsEntry("env", "test");
    }
}
