package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.server.TestServers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk of the backups that fills up while one is taken. */
class FullDiskTest {
    @TempDir
    Path folder;

    private static Map<String, String> run(Path disk, String size, String... arguments) throws Exception {
        Process process = FullDiskMain.start(disk, size, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        Map<String, String> said = new LinkedHashMap<>();
        output.lines()
                .map(line -> line.split("\t", 2))
                .filter(parts -> parts.length == 2)
                .forEach(parts -> said.put(parts[0], parts[1]));
        return said;
    }

    private static void assertNothingLost(Map<String, String> said) {
        assertThat(said).containsEntry("first", "SUCCEEDED").containsEntry("again", "SUCCEEDED");
        assertThat(said.get("full")).startsWith("DISK_FULL").contains("make room");
        // the first backup and its manifest
        assertThat(said).containsEntry("names", "2").containsEntry("verified", "2");
        // looking at the first one needs room too: a disk that is full says nothing about it
        assertThat(said.get("verify")).isIn("DISK_FULL", "SUCCEEDED 0");
    }

    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"ONLINE", "VACUUM_INTO"})
    void keepsWhatThereWasAndLeavesNothingOfSqlite(Method method) throws Exception {
        Path file = folder.resolve("queue.db");
        try (Connection connection = SqliteBackupTest.open(file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = wal");
            statement.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, payload BLOB)");
            statement.execute(
                    "INSERT INTO task SELECT value, randomblob(1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10]')");
        }
        Path disk = Files.createDirectory(folder.resolve("disk"));

        assertNothingLost(run(disk, "60m", method.name(), disk.toString(), file.toString()));
    }

    @Test
    void keepsWhatThereWasAndLeavesNothingOfPostgres() throws Exception {
        PostgresAddress server = TestServers.postgres();
        String name = TestServers.newDatabase("full");
        try (Connection connection = server.connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE task AS SELECT i, repeat(md5(i::text), 30) AS note"
                    + " FROM generate_series(1, 10000) i");
        }
        Path disk = Files.createDirectory(folder.resolve("disk"));

        assertNothingLost(run(
                disk,
                "60m",
                Method.LOGICAL.name(),
                disk.toString(),
                Integer.toString(server.port()),
                name,
                server.user(),
                server.password()));
    }

    @Test
    void keepsWhatThereWasAndLeavesNothingOfAWholePostgresServer() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        // a server of its own, which is small
        try (LocalPostgres server = LocalPostgres.in(folder.resolve("server"))
                .asDisposable()
                .setting("wal_level", "replica")
                .start()) {
            PostgresAddress address = server.address();

            Map<String, String> said = run(
                    disk,
                    "100m",
                    Method.PHYSICAL.name(),
                    disk.toString(),
                    Integer.toString(address.port()),
                    "postgres",
                    address.user(),
                    address.password());

            assertNothingLost(said);
        }
    }
}
