package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Backups beside an application that moves amounts between two tables and notes each move in a third: in every copy the amounts
 * add up to the same, and the notes say where they are.
 */
class ConsistencyTest {
    private static final int ACCOUNTS = 2_000;
    private static final String TOTAL =
            "SELECT (SELECT sum(amount) FROM left_side) + (SELECT sum(amount) FROM right_side)";
    private static final String MOVED = "SELECT (SELECT sum(amount) FROM right_side) - (SELECT count(*) FROM note)";

    @TempDir
    Path folder;

    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicLong moves = new AtomicLong();

    private static void fill(Statement statement, String numbers) throws SQLException {
        for (String table : new String[] {"left_side", "right_side"}) {
            statement.execute("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, amount INTEGER, body TEXT)");
        }
        statement.execute("CREATE TABLE note (id INTEGER PRIMARY KEY)");
        statement.execute("INSERT INTO left_side SELECT i, 1000000, 'x' " + numbers);
        statement.execute("INSERT INTO right_side SELECT i, 0, 'x' " + numbers);
    }

    /** Moves amounts until told to stop. */
    private Thread application(Connection connection) {
        Thread thread = new Thread(
                () -> {
                    while (!isOver.get()) {
                        move(connection);
                    }
                },
                "application");
        thread.start();
        return thread;
    }

    private void move(Connection connection) {
        long number = moves.incrementAndGet();
        long from = number * 7919 % ACCOUNTS + 1;
        long to = number * 104729 % ACCOUNTS + 1;
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE left_side SET amount = amount - 1 WHERE id = " + from);
            statement.execute("UPDATE right_side SET amount = amount + 1 WHERE id = " + to);
            statement.execute("INSERT INTO note VALUES (" + number + ")");
            connection.commit();
        } catch (SQLException busy) {
            // the application tries the next one
            try {
                connection.rollback();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"wal, ONLINE", "wal, VACUUM_INTO", "delete, ONLINE", "delete, VACUUM_INTO"})
    void holdsInEveryCopyOfSqlite(String journal, Method method) throws Exception {
        SqliteDatabase database = new SqliteDatabase(new DatabaseId("ledger"), Map.of(), folder.resolve("ledger.db"));
        Backups backups = Backups.in(folder.resolve("backups"));
        try (Connection connection = SqliteBackupTest.open(database.file())) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode = " + journal);
                statement.execute("PRAGMA synchronous = OFF");
                statement.execute("PRAGMA busy_timeout = 2000");
                fill(
                        statement,
                        "FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + ACCOUNTS
                                + ") SELECT i FROM n)");
            }
            connection.setAutoCommit(false);
            Thread application = application(connection);

            for (int round = 0; round < 10; round++) {
                long before = moves.get();
                await().atMost(Duration.ofSeconds(30)).until(() -> moves.get() > before + 20);
                assertThat(new SqliteBackup(backups.taking())
                                .perform(Backups.order(Backups.by(method)), database, new FreeAttempt())
                                .outcome())
                        .isEqualTo(Outcome.SUCCEEDED);
                Manifest newest = backups.catalogue().list(database.id()).get(0);
                Path copy = backups.unpack(newest, folder.resolve("copy.db"));
                assertThat(SqliteBackupTest.number(copy, TOTAL)).isEqualTo(ACCOUNTS * 1_000_000L);
                assertThat(SqliteBackupTest.number(copy, MOVED)).isZero();
                Files.delete(copy);
            }
            isOver.set(true);
            application.join();
        }
    }

    @Test
    void holdsInEveryRestoredCopyOfPostgres() throws Exception {
        String name = TestServers.newDatabase("ledger");
        PostgresDatabase database =
                PostgresBackupTest.database(name, TestServers.postgres().password());
        Backups backups = Backups.in(folder.resolve("backups"));
        PostgresBackup backup = new PostgresBackup(backups, backups.taking());
        PostgresRestore restore = backups.postgresRestore();
        try (Connection connection = TestServers.postgres().connect(name)) {
            try (Statement statement = connection.createStatement()) {
                fill(statement, "FROM generate_series(1, " + ACCOUNTS + ") i");
                statement.execute("SET synchronous_commit = off");
            }
            connection.setAutoCommit(false);
            Thread application = application(connection);

            for (int round = 0; round < 5; round++) {
                long before = moves.get();
                await().atMost(Duration.ofSeconds(30)).until(() -> moves.get() > before + 20);
                backup.perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
                String copy = TestServers.unique("copy");
                restore.perform(Backups.order(Backups.into(copy)), database, new FreeAttempt());
                assertThat(number(copy, TOTAL)).isEqualTo(ACCOUNTS * 1_000_000L);
                assertThat(number(copy, MOVED)).isZero();
            }
            isOver.set(true);
            application.join();
        }
    }

    private static long number(String database, String sql) throws SQLException {
        try (Connection connection = TestServers.postgres().connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
