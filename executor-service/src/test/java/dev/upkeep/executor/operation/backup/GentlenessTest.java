package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import dev.upkeep.local.server.TestServers;
import io.quarkus.runtime.configuration.MemorySize;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a backup takes the time that its pace and rate say, and is as good as any other. */
class GentlenessTest {
    /** Each of the two or three times that the content is moved may be ahead by a little at its end. */
    private static final double TOLERANCE = 0.9;

    @TempDir
    Path folder;

    Backups backups;

    @BeforeEach
    void folderOfBackups() {
        backups = Backups.in(folder.resolve("backups"));
    }

    private BackupSettings limitedTo(long bytesPerSecond) {
        Optional<MemorySize> limit = Optional.of(new MemorySize(BigInteger.valueOf(bytesPerSecond)));
        return (BackupSettings) Proxy.newProxyInstance(
                BackupSettings.class.getClassLoader(),
                new Class<?>[] {BackupSettings.class},
                (proxy, method, arguments) ->
                        method.getName().equals("rateLimit") ? limit : method.invoke(backups, arguments));
    }

    private Taking taking(BackupSettings settings) {
        return new Taking(settings, backups.catalogue(), database -> Optional.empty());
    }

    private SqliteDatabase sqlite() throws Exception {
        SqliteDatabase database = new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db"));
        try (Connection connection = SqliteBackupTest.open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = wal");
            statement.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, note BLOB)");
            statement.execute(
                    "INSERT INTO entry (note) SELECT randomblob(4000) FROM"
                            + " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n)");
        }
        return database;
    }

    private static PostgresDatabase postgres() throws Exception {
        String name = TestServers.newDatabase("gentle");
        TestServers.postgres()
                .execute(
                        name,
                        "CREATE TABLE entry AS SELECT i, repeat(md5(i::text), 10) AS note FROM generate_series(1, 3000) i");
        return PostgresBackupTest.database(name, TestServers.postgres().password());
    }

    private Manifest newest(Database database) throws Exception {
        return backups.catalogue().list(database.id()).get(0);
    }

    private static double seconds(Done done, String measurement) {
        return done.measurements().stream()
                .filter(each -> each.name().equals(measurement))
                .mapToDouble(Measurement::value)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void copiesCompressesAndVerifiesASqliteFileAtTheRateAtMost() throws Exception {
        long rate = 4_000_000;
        SqliteDatabase database = sqlite();

        Done done = new SqliteBackup(taking(limitedTo(rate)))
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt().pausing());

        Manifest manifest = newest(database);
        double least = manifest.file().contentBytes() / (double) rate;
        assertThat(manifest.state()).isEqualTo(State.VERIFIED);
        assertThat(least).isGreaterThan(0.5);
        assertThat(seconds(done, "backup_duration")).isGreaterThan(2 * least * TOLERANCE);
        assertThat(seconds(done, "backup_verification_duration")).isGreaterThan(least * TOLERANCE);
    }

    @Test
    void dumpsAndVerifiesAPostgresDatabaseAtTheRateAtMost() throws Exception {
        long rate = 1_500_000;
        PostgresDatabase database = postgres();
        BackupSettings settings = limitedTo(rate);

        Done done = new PostgresBackup(settings, taking(settings))
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt().pausing());

        double least = newest(database).file().contentBytes() / (double) rate;
        assertThat(least).isGreaterThan(0.5);
        assertThat(seconds(done, "backup_duration")).isGreaterThan(least * TOLERANCE);
        assertThat(seconds(done, "backup_verification_duration")).isGreaterThan(least * TOLERANCE);
    }

    @Test
    void aGentleBackupIsTheSame() throws Exception {
        PostgresDatabase database = postgres();
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        Contents expected = newest(database).contents().orElseThrow();

        Backups gentle = backups.at(Pace.GENTLE);
        new PostgresBackup(gentle, gentle.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt().pausing());

        List<Manifest> all = backups.catalogue().list(database.id());
        assertThat(all).hasSize(2);
        assertThat(all.get(0).state()).isEqualTo(State.VERIFIED);
        assertThat(all.get(0).contents()).contains(expected);
    }
}
