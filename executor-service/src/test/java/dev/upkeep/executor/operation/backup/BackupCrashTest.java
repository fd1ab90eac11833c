package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An executor that dies while it takes a backup. */
class BackupCrashTest {
    private static final int HALTED = 137;
    private static final DatabaseId ORDERS = new DatabaseId("orders");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "backup-writing",
                "backup-written",
                "backup-verified",
                "backup-renamed",
                "backup-listed",
                "backup-unlisted"
            })
    void leavesOnlyWholeBackupsWhereverItDies(String place) throws Exception {
        DatabaseId id = new DatabaseId("queue");
        Path file = folder.resolve("queue.db");
        try (Connection connection = SqliteBackupTest.open(file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, state TEXT)");
            statement.execute("INSERT INTO task VALUES (1, 'ready'), (2, 'dead')");
        }
        Backups backups = Backups.in(folder.resolve("backups"));
        SqliteBackup operation = new SqliteBackup(backups.taking());
        SqliteDatabase database = new SqliteDatabase(id, Map.of(), file);
        operation.perform(Backups.order(Backups.keeping(2)), database, new FreeAttempt());
        operation.perform(Backups.order(Backups.keeping(2)), database, new FreeAttempt());

        Process process = BackupMain.start(
                List.of("-Dfault.at=" + place), "sqlite", backups.directory().toString(), file.toString());

        assertThat(process.waitFor()).isEqualTo(HALTED);
        List<Manifest> listed = backups.catalogue().list(id);
        assertThat(listed).hasSizeGreaterThanOrEqualTo(2).allMatch(Manifest::isVerified);
        for (Manifest manifest : listed) {
            backups.requireWhole(manifest);
        }
        backups.startUp().removeLeftovers();
        assertThat(backups.names(id))
                .containsExactlyInAnyOrderElementsOf(listed.stream()
                        .flatMap(manifest -> List.of(manifest.name(), manifest.name() + ".json").stream())
                        .toList());
    }

    @Test
    void takesTheDumpWithItWhenItIsKilled() throws Exception {
        PostgresAddress server = TestServers.postgres();
        String name = TestServers.newDatabase("crash");
        Path pid = folder.resolve("pid");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.writeString(bin.resolve("pg_dump"), """
                #!/bin/sh
                if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) 15.0'; exit 0; fi
                echo $$ > %s
                exec sleep 600
                """.formatted(pid));
        Files.setPosixFilePermissions(bin.resolve("pg_dump"), PosixFilePermissions.fromString("rwx------"));
        Process process = BackupMain.start(
                List.of(),
                "postgresql",
                folder.resolve("backups").toString(),
                Integer.toString(server.port()),
                name,
                server.user(),
                server.password(),
                bin.toString());
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid) && Files.size(pid) > 0);
        long dump = Long.parseLong(Files.readString(pid).strip());

        process.destroyForcibly().waitFor();

        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(dump).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void removesWhatAKilledRestoreOfSqliteLeft() throws Exception {
        DatabaseId id = new DatabaseId("queue");
        Path file = folder.resolve("queue.db");
        AwkwardContent.fillSqlite(file);
        Backups backups = Backups.in(folder.resolve("backups"));
        SqliteDatabase database = new SqliteDatabase(id, Map.of(), file);
        new SqliteBackup(backups.taking()).perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());

        Process process = BackupMain.start(
                List.of("-Dfault.at=restore-copied"),
                "restore-sqlite",
                backups.directory().toString(),
                file.toString());

        assertThat(process.waitFor()).isEqualTo(HALTED);
        assertThat(backups.restoreDirectory().toFile().list()).singleElement().matches(name -> name.startsWith("."));
        backups.startUp().removeLeftovers();
        assertThat(backups.restoreDirectory()).isEmptyDirectory();
        assertThat(backups.names(id)).hasSize(2);
    }

    @Test
    void dropsWhatAKilledRestoreOfPostgresLeft() throws Exception {
        PostgresAddress server = TestServers.postgres();
        String name = TestServers.newDatabase("killed");
        Backups backups = Backups.in(folder.resolve("backups"));
        PostgresDatabase database = new PostgresDatabase(
                ORDERS,
                Map.of(),
                new dev.upkeep.executor.database.PostgresAddress("127.0.0.1", server.port(), name),
                server.user(),
                () -> Optional.of(server.password()),
                Map.of());
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());

        Process process = BackupMain.start(
                List.of("-Dfault.at=restore-compared"),
                "restore-postgresql",
                backups.directory().toString(),
                Integer.toString(server.port()),
                name,
                server.user(),
                server.password(),
                TestServers.unique("copy"));

        assertThat(process.waitFor()).isEqualTo(HALTED);
        assertThat(partials(server)).hasSize(1);
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        assertThat(partials(server)).isEmpty();
    }

    private static List<String> partials(PostgresAddress server) throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database WHERE starts_with(datname, '"
                        + Partials.database(ORDERS, "").substring(0, 24) + "')")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
