package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
    @TempDir
    Path folder;

    Backups backups;
    SqliteDatabase queue;

    @BeforeEach
    void store() throws Exception {
        backups = Backups.in(folder.resolve("backups"));
        queue = new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db"));
    }

    private static Restore into(String name) {
        return new Restore(Optional.empty(), Optional.empty(), Optional.of(name), false, Optional.empty());
    }

    private static Restore overOriginal(String backup) {
        return new Restore(Optional.of(backup), Optional.empty(), Optional.empty(), true, Optional.empty());
    }

    private void fillQueue() throws Exception {
        AwkwardContent.fillSqlite(queue.file());
        new SqliteBackup(backups.taking()).perform(Backups.order(Backup.byDefault()), queue, new FreeAttempt());
    }

    private Done restore(Restore task) throws Exception {
        return new SqliteRestore(
                        backups, new Restoring(backups, backups.catalogue()), new SqliteBackup(backups.taking()))
                .perform(Backups.order(task), queue, new FreeAttempt());
    }

    private static Restore.Report report(Done done) {
        return (Restore.Report) done.report().orElseThrow();
    }

    @Test
    void restoresASqliteFileBesideTheOriginal() throws Exception {
        fillQueue();

        Done done = restore(into("yesterday"));

        Path copy = folder.resolve("restored/yesterday.db");
        assertThat(done.findings()).isEmpty();
        assertThat(report(done).target()).isEqualTo(copy.toString());
        assertThat(SqliteBackupTest.number(copy, "SELECT count(*) FROM pair")).isEqualTo(4);
        assertThat(folder.resolve("restored")).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void neverTakesThePlaceOfAFileThatExists() throws Exception {
        fillQueue();
        Files.createDirectories(folder.resolve("restored"));
        Files.writeString(folder.resolve("restored/mine.db"), "a person's");

        Done done = restore(into("mine"));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("exists already");
        assertThat(folder.resolve("restored/mine.db")).hasContent("a person's");
    }

    @Test
    void overwritesASqliteDatabaseInUseAfterASafetyBackup() throws Exception {
        fillQueue();
        String before = backups.catalogue().list(queue.id()).get(0).name();
        try (Connection application = SqliteBackupTest.open(queue.file());
                Statement statement = application.createStatement()) {
            statement.execute("DELETE FROM pair");

            Done done = restore(overOriginal(before));

            assertThat(report(done).rows()).isPositive();
            try (ResultSet row = statement.executeQuery("SELECT count(*) FROM pair")) {
                assertThat(row.getLong(1)).isEqualTo(4);
            }
            String safety = report(done).safetyBackup().orElseThrow();
            Manifest saved = backups.catalogue()
                    .choose(queue.id(), Optional.of(safety), Optional.empty())
                    .orElseThrow();
            assertThat(saved.contents().orElseThrow().byTable().get("pair").rows())
                    .isZero();
        }
    }

    @Test
    void restoresNothingFromADamagedBackup() throws Exception {
        fillQueue();
        Manifest manifest = backups.catalogue().list(queue.id()).get(0);
        Path file = backups.file(manifest);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThat(catchThrowableOfType(Exception.class, () -> restore(overOriginal(manifest.name()))))
                .isNotNull();

        assertThat(SqliteBackupTest.number(queue.file(), "SELECT count(*) FROM pair"))
                .isEqualTo(4);
    }

    private Done restore(Restore task, PostgresDatabase database) throws Exception {
        return backups.postgresRestore().perform(Backups.order(task), database, new FreeAttempt());
    }

    private static long number(String database, String sql) throws Exception {
        try (Connection connection = TestServers.postgres().connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void restoresAPostgresDatabaseEqualToTheLastRow() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);
        String copy = TestServers.unique("copy");

        Done done = restore(into(copy), database);

        assertThat(done.findings()).isEmpty();
        assertThat(report(done).rows()).isEqualTo(407);
        assertThat(number(copy, "SELECT count(*) FROM event")).isEqualTo(402);
        assertThat(number(
                        "postgres",
                        "SELECT count(*) FROM pg_database WHERE datname = '" + Partials.database(database.id(), copy)
                                + "'"))
                .isZero();
        assertThat(restore(into(copy), database).outcome()).isEqualTo(Outcome.REJECTED);
    }

    @Test
    void givesTheCopyTheLocaleOfTheOriginal() throws Exception {
        String original = TestServers.unique("german");
        String copy = TestServers.unique("copy");
        TestServers.postgres()
                .execute(
                        "postgres",
                        "CREATE DATABASE " + original
                                + " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'");
        PostgresDatabase database =
                PostgresBackupTest.database(original, TestServers.postgres().password());
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());

        restore(into(copy), database);

        assertThat(
                        number(
                                "postgres",
                                "SELECT count(*) FROM pg_database d, to_jsonb(d) j WHERE datname = '" + copy
                                        + "' AND datlocprovider = 'i' AND coalesce(j ->> 'datlocale', j ->> 'daticulocale') = 'de-DE'"))
                .isEqualTo(1);
    }

    @Test
    void overwritesAPostgresDatabaseWhileSessionsAreOpen() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);
        String name = database.address().database();
        String before = backups.catalogue().list(database.id()).get(0).name();
        try (Connection application = TestServers.postgres().connect(name);
                Statement statement = application.createStatement()) {
            statement.execute("DELETE FROM event");
            statement.execute("CREATE TABLE made_since (id int)");

            Done done = restore(overOriginal(before), database);

            assertThat(done.findings()).isEmpty();
            assertThat(report(done).safetyBackup()).isPresent();
            try (ResultSet row = statement.executeQuery("SELECT count(*) FROM event")) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(402);
            }
        }
    }

    @Test
    void leavesTheOriginalAsItWasWhenItCannotHaveTheLocks() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);
        String name = database.address().database();
        String before = backups.catalogue().list(database.id()).get(0).name();
        try (Connection application = TestServers.postgres().connect(name);
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("INSERT INTO secured VALUES (2, 'them')");

            Failure failure = catchThrowableOfType(Failure.class, () -> restore(overOriginal(before), database));

            assertThat(failure.reason().code()).isEqualTo(Code.LOCK_TIMEOUT);
            application.commit();
        }
        assertThat(number(name, "SELECT count(*) FROM secured")).isEqualTo(2);
        assertThat(number(name, "SELECT count(*) FROM event")).isEqualTo(402);
    }
}
