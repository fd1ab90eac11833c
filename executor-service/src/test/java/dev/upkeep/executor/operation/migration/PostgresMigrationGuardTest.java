package dev.upkeep.executor.operation.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresMigrationGuardTest {
    private final PostgresFixture database = PostgresFixture.create();
    private Optional<Instant> newestBackup = Optional.empty();
    private final VerifiedBackups backups = id -> newestBackup;
    private final PostgresMigrationGuard guard = new PostgresMigrationGuard(Optional.of(backups));

    private static MigrationGuard before(Duration longTransaction) {
        return new MigrationGuard(
                MigrationGuard.Phase.BEFORE,
                List.of(TableName.parse("events")),
                Optional.of(Duration.ofHours(24)),
                Optional.of(longTransaction));
    }

    private static MigrationGuard after() {
        return new MigrationGuard(MigrationGuard.Phase.AFTER, List.of(), Optional.empty(), Optional.empty());
    }

    @Test
    void letsTheMigrationGoOnlyWithARecentVerifiedBackup() throws Exception {
        database.sql("CREATE TABLE events (id int PRIMARY KEY)");

        Done without = database.perform(guard, before(Duration.ofMinutes(1)));
        newestBackup = Optional.of(Instant.now().minus(Duration.ofHours(30)));
        Done old = database.perform(guard, before(Duration.ofMinutes(1)));
        newestBackup = Optional.of(Instant.now().minus(Duration.ofHours(3)));
        Done recent = database.perform(guard, before(Duration.ofMinutes(1)));

        assertThat(without.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(without.reason().orElseThrow().code()).isEqualTo(Code.BACKUP_MISSING);
        assertThat(old.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(recent.outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void namesTheTransactionsAndLocksThatStandInTheWay() throws Exception {
        database.sql("CREATE TABLE events (id int PRIMARY KEY)");
        newestBackup = Optional.of(Instant.now());
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE events IN EXCLUSIVE MODE");

            await().untilAsserted(() -> {
                Done done = database.perform(guard, before(Duration.ofMillis(20)));
                assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
                assertThat(done.findings())
                        .hasSize(2)
                        .anyMatch(finding -> finding.object().contains("public.events by pid"));
            });
            other.rollback();

            assertThat(database.perform(guard, before(Duration.ofMillis(20))).outcome())
                    .isEqualTo(Outcome.SUCCEEDED);
        }
    }

    @Test
    void bringsTheDatabaseInOrderAfterwards() throws Exception {
        database.sql(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (parent_id int, n int)",
                "INSERT INTO child VALUES (1, -1)",
                "ALTER TABLE child ADD CONSTRAINT \"to parent\" FOREIGN KEY (parent_id) REFERENCES parent NOT VALID",
                "ALTER TABLE child ADD CONSTRAINT small CHECK (n < 10) NOT VALID");

        Done broken = database.perform(guard, after());
        database.sql("INSERT INTO parent VALUES (1)");
        Done mended = database.perform(guard, after());

        assertThat(((MigrationGuard.Report) broken.report().orElseThrow()).clear())
                .isFalse();
        assertThat(broken.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.object()).isEqualTo("to parent"));
        assertThat(((MigrationGuard.Report) mended.report().orElseThrow()).clear())
                .isTrue();
        assertThat(database.value("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"))
                .isEqualTo("0");
        assertThat(database.value("SELECT count(last_analyze) FROM pg_stat_user_tables"))
                .isEqualTo("2");
    }
}
