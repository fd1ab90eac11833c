package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqliteBackupTest {
    @TempDir
    Path folder;

    SqliteDatabase database;
    Backups backups;

    @BeforeEach
    void accounts() throws SQLException {
        backups = Backups.in(folder.resolve("backups"));
        database = new SqliteDatabase(new DatabaseId("shop/queue"), Map.of(), folder.resolve("queue.db"));
        try (Connection connection = open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = wal");
            statement.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, note TEXT)");
            statement.execute(
                    """
                    INSERT INTO account SELECT value, 100, hex(randomblob(200)) FROM generate_series(1, 20000)""".replace(
                                    "generate_series(1, 20000)",
                                    "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20000) SELECT value FROM n)"));
        }
    }

    static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    static long number(Path file, String sql) throws SQLException {
        try (Connection connection = open(file);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private Done backUp(Backup task) throws Exception {
        return new SqliteBackup(backups.taking()).perform(Backups.order(task), database, new FreeAttempt());
    }

    private Manifest newest() throws Exception {
        return backups.catalogue().list(database.id()).get(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"ONLINE", "VACUUM_INTO"})
    void listsACopyThatHasAllRowsAndWasReadBack(Method method) throws Exception {
        Done done = backUp(Backups.by(method));

        Manifest manifest = newest();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.report()).contains(manifest.report(0));
        assertThat(manifest.state()).isEqualTo(State.VERIFIED);
        assertThat(manifest.contents().orElseThrow().byTable())
                .containsEntry("account", new Contents.Table(20_000, ""));
        assertThat(manifest.file().bytes()).isLessThan(manifest.file().contentBytes());
        Path copy = backups.unpack(manifest, folder.resolve("copy.db"));
        assertThat(number(copy, "SELECT sum(amount) FROM account")).isEqualTo(2_000_000);
        assertThat(backups.names(database.id())).containsExactly(manifest.name(), manifest.name() + ".json");
    }

    @Test
    void includesWhatIsStillInTheWriteAheadLog() throws Exception {
        try (Connection writer = open(database.file());
                Statement statement = writer.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            statement.execute("INSERT INTO account VALUES (-1, 7, 'only in the log')");

            backUp(Backup.byDefault());
        }

        Path copy = backups.unpack(newest(), folder.resolve("copy.db"));
        assertThat(number(copy, "SELECT amount FROM account WHERE id = -1")).isEqualTo(7);
    }

    @Test
    void copiesOneStateBesideABusyWriter() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        Thread writer = new Thread(() -> moveMoneyUntil(isOver));
        writer.start();
        try {
            for (int i = 0; i < 5; i++) {
                backUp(Backup.byDefault());

                Path copy = backups.unpack(newest(), folder.resolve("copy" + i + ".db"));
                assertThat(number(copy, "SELECT sum(amount) FROM account")).isEqualTo(2_000_000);
            }
        } finally {
            isOver.set(true);
            writer.join();
        }
        assertThat(number(database.file(), "SELECT count(*) FROM account WHERE amount <> 100"))
                .isPositive();
    }

    private void moveMoneyUntil(AtomicBoolean isOver) {
        try (Connection connection = open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            for (int i = 1; !isOver.get(); i = i % 9_999 + 1) {
                statement.execute("BEGIN IMMEDIATE");
                statement.execute("UPDATE account SET amount = amount - 1 WHERE id = " + i);
                statement.execute("UPDATE account SET amount = amount + 1 WHERE id = " + (20_000 - i));
                statement.execute("COMMIT");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void measuresSizeDurationAndTheNewestVerified() throws Exception {
        Done done = backUp(Backup.byDefault());

        Manifest manifest = newest();
        assertThat(done.measurements())
                .extracting(Measurement::name)
                .contains("backup_size", "backup_duration", "backup_last_verified", "backup_count");
        assertThat(done.measurements())
                .filteredOn(measurement -> measurement.name().equals("backup_size"))
                .extracting(Measurement::value)
                .containsExactly((double) manifest.file().bytes());
        assertThat(backups.catalogue().newest(database.id())).contains(manifest.takenAt());
    }

    @Test
    void keepsSoManyAndExpiresTheOldest() throws Exception {
        backUp(Backup.byDefault());
        String oldest = newest().name();
        backUp(Backup.byDefault());
        String second = newest().name();

        Done done = backUp(Backups.keeping(2));

        assertThat(((Backup.Report) done.report().orElseThrow()).expired()).isEqualTo(1);
        assertThat(backups.names(database.id()))
                .contains(second, newest().name())
                .doesNotContain(oldest, oldest + ".json")
                .hasSize(4);
    }

    @Test
    void saysInADryRunWhatWouldHappenAndChangesNothing() throws Exception {
        backUp(Backup.byDefault());
        List<String> before = backups.names(database.id());

        Done done = new SqliteBackup(backups.taking())
                .perform(Backups.dryRun(Backups.keeping(1)), database, new FreeAttempt());

        Backup.Plan plan = (Backup.Plan) done.report().orElseThrow();
        assertThat(plan.estimatedBytes()).isEqualTo(newest().file().bytes());
        assertThat(plan.expiring()).containsExactly(newest().name());
        assertThat(backups.names(database.id())).isEqualTo(before);
    }

    @Test
    void leavesNothingBehindWhenItIsStopped() throws Exception {
        backUp(Backup.byDefault());
        List<String> before = backups.names(database.id());
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> attempt.stop(Stop.DEADLINE));

        Failure failure = catchThrowableOfType(
                Failure.class,
                () -> new SqliteBackup(backups.taking()).perform(Backups.order(Backups.keeping(1)), database, attempt));

        assertThat(failure.reason().code()).isEqualTo(Code.WINDOW_CLOSED);
        assertThat(backups.names(database.id())).isEqualTo(before);
    }

    @Test
    void removesWhatADeadExecutorLeftAndNothingElse() throws Exception {
        Path own = Files.createDirectories(backups.directory().resolve("shop+queue"));
        Files.writeString(own.resolve("shop+queue-20260101T000000Z-0a1b2c3d.sqlite.zst.partial"), "half");
        Files.writeString(own.resolve("shop+queue-20260101T000000Z-0a1b2c3d.sqlite.zst.copy.partial"), "half");
        Files.writeString(own.resolve("shop+queue-20260101T000000Z-0a1b2c3d.sqlite.zst"), "never listed");
        Files.writeString(own.resolve("notes.txt"), "a person's");

        backUp(Backup.byDefault());

        assertThat(backups.names(database.id()))
                .containsExactlyInAnyOrder("notes.txt", newest().name(), newest().name() + ".json");
    }

    @Test
    void beginsNothingWhenTheDiskHasNoRoom() {
        backups = backups.mustLeaveFree(Long.MAX_VALUE / 2);

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backup.byDefault()));

        assertThat(failure.reason().code()).isEqualTo(Code.DISK_FULL);
        assertThat(failure).hasMessageContaining("MB free");
    }

    @Test
    void doesNotListACopyOfADamagedDatabase() throws Exception {
        backUp(Backup.byDefault());
        List<String> before = backups.names(database.id());
        number(database.file(), "PRAGMA wal_checkpoint(TRUNCATE)");
        try (RandomAccessFile file = new RandomAccessFile(database.file().toFile(), "rw")) {
            file.seek(4096 * 40L);
            file.write(new byte[4096]);
        }

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backups.keeping(1)));

        assertThat(failure.reason().code()).isEqualTo(Code.VERIFICATION_FAILED);
        assertThat(backups.names(database.id())).isEqualTo(before);
    }

    @Test
    void refusesAMethodOfTheOtherEngine() throws Exception {
        Done done = backUp(Backups.by(Method.LOGICAL));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).isEqualTo("method: logical (is not offered for sqlite)");
    }

    @Test
    void isContendedWhileAnotherBackupOfTheDatabaseRuns() throws Exception {
        try (BackupFolder.Hold hold =
                backups.catalogue().folder(database.id()).hold().orElseThrow()) {
            assertThat(hold.path()).exists();

            assertThat(backUp(Backup.byDefault()).outcome()).isEqualTo(Outcome.CONTENDED);
        }

        assertThat(backUp(Backup.byDefault()).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void storesTheCopyAsItIsWithoutCompression() throws Exception {
        backUp(Backups.uncompressed());

        Path file = backups.file(newest());
        assertThat(newest().name()).endsWith(".sqlite");
        assertThat(new SqliteCheck(new FreeAttempt()).contents(file))
                .isEqualTo(newest().contents().orElseThrow());
    }

    private Done backUpApart(FreeAttempt attempt) throws Exception {
        return backups.taking()
                .take(
                        Backups.order(Backup.byDefault()),
                        database,
                        attempt,
                        SqliteCopy.of(database, attempt, Method.ONLINE, 0));
    }

    @Test
    void copiesALargeFileApartAndOfOneSnapshot() throws Exception {
        AtomicBoolean written = new AtomicBoolean();
        FreeAttempt attempt = new FreeAttempt().atProgress(() -> {
            if (written.compareAndSet(false, true)) {
                try (Connection other = open(database.file());
                        Statement statement = other.createStatement()) {
                    statement.execute("UPDATE account SET note = 'later'");
                    statement.execute("INSERT INTO account SELECT id + 20000, 1, 'later' FROM account");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });

        Done done = backUpApart(attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(number(database.file(), "SELECT count(*) FROM account")).isEqualTo(40_000);
        Path copy = backups.unpack(newest(), folder.resolve("copy.db"));
        assertThat(number(copy, "SELECT count(*) FROM account")).isEqualTo(20_000);
        assertThat(number(copy, "SELECT count(*) FROM account WHERE note = 'later'"))
                .isZero();
    }

    @Test
    void endsTheCopyOfALargeFileAtOnce() throws Exception {
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> attempt.stop(Stop.CANCELLED));

        Failure failure = catchThrowableOfType(Failure.class, () -> backUpApart(attempt));

        assertThat(failure.reason().code()).isEqualTo(Code.CANCELLED);
        assertThat(attempt.percents).hasSize(1).allMatch(percent -> percent < 10);
        assertThat(backups.names(database.id())).isEmpty();
        assertThat(ProcessHandle.current()
                        .descendants()
                        .filter(child -> child.info().commandLine().orElse("").contains("CopyMain")))
                .isEmpty();
    }

    @Test
    void saysWhyAFileCannotBeCopiedApart() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(database.file().toFile(), "rw")) {
            file.seek(4096L * 50);
            file.write(new byte[4096 * 20]);
        }

        Failure failure = catchThrowableOfType(Failure.class, () -> backUpApart(new FreeAttempt()));

        assertThat(failure.reason().code()).isEqualTo(Code.VERIFICATION_FAILED);
        assertThat(backups.names(database.id())).isEmpty();
    }
}
