package dev.upkeep.local.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqliteSampleTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

    @TempDir
    Path folder;

    @Test
    void fillsTheAuditDatabaseWithRunsOfBothSidesOfTheirRetention() throws Exception {
        SqliteSample.AUDIT.create(folder, NOW);

        try (Connection db = open(SqliteSample.AUDIT)) {
            assertThat(number(db, "SELECT count(*) FROM runs")).isEqualTo(400);
            assertThat(number(db, "SELECT count(*) FROM runs WHERE started_at < '2026-08-23T02:00:00Z'"))
                    .isBetween(150L, 190L);
            assertThat(number(db, "SELECT count(*) FROM runs WHERE started_at > '2026-11-21T02:00:00Z'"))
                    .isZero();
            assertThat(number(db, "SELECT count(*) FROM rows")).isEqualTo(24_000);
            assertThat(number(db, "SELECT count(*) FROM node_states")).isEqualTo(48_000);
            assertThat(number(db, "SELECT count(*) FROM pragma_foreign_key_list('tokens')"))
                    .isEqualTo(1);
            assertThat(number(db, "SELECT count(*) FROM pragma_foreign_key_list('rows')"))
                    .isZero();
            assertThat(number(db, "SELECT count(*) FROM pragma_foreign_key_check"))
                    .isZero();
        }
    }

    @Test
    void fillsTheQueueWithStaleLeasesAndFreePages() throws Exception {
        SqliteSample.QUEUE.create(folder, NOW);

        try (Connection db = open(SqliteSample.QUEUE)) {
            assertThat(number(db, "SELECT count(*) FROM task_queue")).isEqualTo(40_000);
            assertThat(number(
                            db,
                            "SELECT count(*) FROM task_queue WHERE state = 'leased' AND lease_expires_at < "
                                    + NOW.minusSeconds(300).getEpochSecond()))
                    .isEqualTo(14);
            assertThat(number(db, "PRAGMA freelist_count") * 100 / number(db, "PRAGMA page_count"))
                    .isBetween(8L, 30L);
            assertThat(text(db, "PRAGMA journal_mode")).isEqualTo("wal");
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesAFileThatExistsAlone(SqliteSample sample) throws Exception {
        boolean first = sample.create(folder, NOW);
        try (Connection db = open(sample);
                Statement statement = db.createStatement()) {
            statement.execute("CREATE TABLE mine (n)");
        }

        boolean second = sample.create(folder, NOW);

        assertThat(List.of(first, second)).containsExactly(true, false);
        try (Connection db = open(sample)) {
            assertThat(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'mine'"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void startsAfreshAfterAnInterruptedBuild(SqliteSample sample) throws Exception {
        Files.writeString(folder.resolve(sample.fileName() + ".partial"), "half a file");

        sample.create(folder, NOW);

        try (Connection db = open(sample)) {
            assertThat(text(db, "PRAGMA quick_check")).isEqualTo("ok");
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.partial*");
    }

    private Connection open(SqliteSample sample) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(sample.fileName()));
    }

    private static long number(Connection db, String query) throws SQLException {
        return Long.parseLong(text(db, query));
    }

    private static String text(Connection db, String query) throws SQLException {
        try (Statement statement = db.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
