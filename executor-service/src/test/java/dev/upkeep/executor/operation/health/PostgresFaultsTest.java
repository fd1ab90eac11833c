package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Each fault is made for real, found with the right object and severity, and no longer found when it is mended. */
class PostgresFaultsTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresHealth health = new PostgresHealth(ExecutorThresholds.none(), new HealthMemory());

    /** Findings of the first check, with warnings from these limits on. */
    private List<Finding> found(Object... checksAndLimits) throws Exception {
        Map<String, HealthCheck.Limits> limits = new HashMap<>();
        for (int i = 0; i < checksAndLimits.length; i += 2) {
            limits.put(
                    (String) checksAndLimits[i],
                    new HealthCheck.Limits(
                            Optional.of(((Number) checksAndLimits[i + 1]).doubleValue()), Optional.empty()));
        }
        Done done = database.perform(health, new HealthCheck(Optional.empty(), limits));
        assertThat(PostgresFixture.of(done, "not-looked")).isEmpty();
        return PostgresFixture.of(done, (String) checksAndLimits[0]);
    }

    private List<Finding> foundByDefault(String check) throws Exception {
        return PostgresFixture.of(database.perform(health, HealthCheck.quick()), check);
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private static CompletableFuture<Void> inBackground(Connection connection, String sql) {
        return CompletableFuture.runAsync(() -> {
            try {
                PostgresFixture.run(connection, sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void findsASessionThatIdlesInATransaction() throws Exception {
        try (Connection application = database.connect()) {
            application.setAutoCommit(false);
            PostgresFixture.run(application, "SELECT 1");
            String who = "pid " + pid(application);

            await().untilAsserted(() -> assertThat(found("idle-in-transaction", 0.05))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.object()).startsWith(who);
                        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    }));
            application.rollback();

            assertThat(found("idle-in-transaction", 0.05)).isEmpty();
        }
    }

    @Test
    void findsAStatementThatRunsLong() throws Exception {
        try (Connection application = database.connect()) {
            CompletableFuture<Void> query = inBackground(application, "SELECT pg_sleep(60)");
            String who = "pid " + pid(application);

            await().untilAsserted(() -> assertThat(found("long-query", 0.05))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.object()).startsWith(who)));
            database.sql("SELECT pg_cancel_backend(" + pid(application) + ")");

            await().until(query::isDone);
            assertThat(found("long-query", 0.05)).isEmpty();
        }
    }

    @Test
    void findsWhoWaitsForWhoseLock() throws Exception {
        database.sql("CREATE TABLE contended (id int PRIMARY KEY)", "INSERT INTO contended VALUES (1)");
        try (Connection holder = database.connect();
                Connection waiter = database.connect()) {
            holder.setAutoCommit(false);
            PostgresFixture.run(holder, "UPDATE contended SET id = 2");
            CompletableFuture<Void> waiting = inBackground(waiter, "UPDATE contended SET id = 3");
            String blocker = "pid " + pid(holder);

            await().untilAsserted(() -> assertThat(found("lock-wait", 0.05))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.object()).startsWith("pid " + pid(waiter));
                        assertThat(finding.advice()).contains(blocker);
                    }));
            holder.commit();

            await().until(waiting::isDone);
            assertThat(found("lock-wait", 0.05)).isEmpty();
        }
    }

    @Test
    void findsDeadlocksSinceTheLastCheck() throws Exception {
        database.sql("CREATE TABLE crossed (id int PRIMARY KEY)", "INSERT INTO crossed VALUES (1), (2)");
        assertThat(found("deadlocks", 1)).isEmpty();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            PostgresFixture.run(one, "UPDATE crossed SET id = 1 WHERE id = 1");
            PostgresFixture.run(two, "SET deadlock_timeout = '10ms'", "UPDATE crossed SET id = 2 WHERE id = 2");
            CompletableFuture<Void> waiting = inBackground(one, "UPDATE crossed SET id = 2 WHERE id = 2");
            await().until(() -> database.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + pid(one))
                    .equals("1"));
            assertThatThrownBy(() -> PostgresFixture.run(two, "UPDATE crossed SET id = 1 WHERE id = 1"))
                    .hasMessageContaining("deadlock detected");
            two.rollback();
            waiting.join();
            one.rollback();
        }

        await().untilAsserted(() -> assertThat(
                        database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("1"));
        assertThat(found("deadlocks", 1))
                .singleElement()
                .satisfies(finding -> assertThat(finding.value()).isEqualTo("1"));
        assertThat(found("deadlocks", 1)).isEmpty();
    }

    @Test
    void findsManyRollbacksSinceTheLastCheck() throws Exception {
        found("rollbacks", 0.1);
        try (Connection application = database.connect()) {
            application.setAutoCommit(false);
            for (int i = 0; i < 200; i++) {
                PostgresFixture.run(application, "SELECT 1");
                application.rollback();
            }
        }

        await().untilAsserted(() -> assertThat(Long.parseLong(database.value(
                        "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")))
                .isGreaterThanOrEqualTo(200));
        assertThat(found("rollbacks", 0.1, "rollbacks-count", 100)).hasSize(1);
        assertThat(found("rollbacks", 0.1, "rollbacks-count", 100)).isEmpty();
    }

    @Test
    void findsDeadRowsAndWhatVacuumIsOverdue() throws Exception {
        database.sql(
                "CREATE TABLE \"Dead\" (id int PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "INSERT INTO \"Dead\" SELECT generate_series(1, 30000)",
                "DELETE FROM \"Dead\" WHERE id % 2 = 0");

        await().untilAsserted(() -> assertThat(foundByDefault("dead-rows"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.object()).isEqualTo("public.Dead");
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.advice()).contains("task vacuum on table public.Dead");
                }));
        assertThat(found("vacuum-overdue", 0.001)).extracting(Finding::object).containsExactly("public.Dead");
        assertThat(found("analyze-overdue", 0.001)).extracting(Finding::object).containsExactly("public.Dead");
        assertThat(foundByDefault("autovacuum-off")).extracting(Finding::object).containsExactly("public.Dead");
        assertThat(foundByDefault("vacuum-overdue")).isEmpty();
        assertThat(found("dead-rows", 0.1, "dead-rows-count", 100_000)).isEmpty();
        database.sql("VACUUM ANALYZE \"Dead\"", "ALTER TABLE \"Dead\" RESET (autovacuum_enabled)");

        await().untilAsserted(() -> assertThat(foundByDefault("dead-rows")).isEmpty());
        assertThat(found("vacuum-overdue", 0.001)).isEmpty();
        assertThat(found("analyze-overdue", 0.001)).isEmpty();
        assertThat(foundByDefault("autovacuum-off")).isEmpty();
    }

    @Test
    void judgesATableByAStricterLimitOfItsOwn() throws Exception {
        database.sql(
                "CREATE TABLE small (id int PRIMARY KEY)",
                "INSERT INTO small SELECT generate_series(1, 3000)",
                "ANALYZE small",
                "DELETE FROM small WHERE id <= 320");

        await().untilAsserted(() -> assertThat(found("dead-rows", 0.04, "dead-rows-count@public.small", 300))
                .extracting(Finding::object)
                .containsExactly("public.small"));
        assertThat(foundByDefault("dead-rows")).isEmpty();
        assertThat(found("dead-rows", 0.04, "dead-rows-count@public.other", 300))
                .isEmpty();
    }

    @Test
    void findsATableWhoseFreezingIsOverdue() throws Exception {
        database.sql(
                "CREATE TABLE old (id int PRIMARY KEY) WITH (autovacuum_enabled = off, autovacuum_freeze_max_age = 100000)",
                "INSERT INTO old VALUES (1)",
                "SET synchronous_commit = off",
                "DO $$ BEGIN FOR i IN 1..130000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$");

        assertThat(foundByDefault("freeze-overdue")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.old");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        });
        database.sql("VACUUM FREEZE old");

        assertThat(foundByDefault("freeze-overdue")).isEmpty();
    }

    @Test
    void findsOldTransactionIdsFromTheLimitOn() throws Exception {
        assertThat(found("xid-age", 1e-9)).hasSize(1);
        assertThat(found("xid-age", 0.9)).isEmpty();
    }

    @Test
    void findsOldMultixactsFromTheLimitOn() throws Exception {
        database.sql("CREATE TABLE shared (id int PRIMARY KEY)", "INSERT INTO shared VALUES (1)");
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            PostgresFixture.run(one, "SELECT * FROM shared FOR SHARE");
            PostgresFixture.run(two, "SELECT * FROM shared FOR SHARE");
            one.rollback();
            two.rollback();
        }

        assertThat(found("multixact-age", 1e-10))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        assertThat(found("multixact-age", 0.9)).isEmpty();
    }

    @Test
    void findsADatabaseThatGrowsOutOfItsTrend() throws Exception {
        database.sql("CREATE TABLE grown (body text)");
        for (int i = 0; i < 8; i++) {
            assertThat(found("database-growth", 3, "database-growth-size", 1e6)).isEmpty();
        }
        database.sql("INSERT INTO grown SELECT repeat(md5(g::text), 100) FROM generate_series(1, 10000) g");

        assertThat(found("database-growth", 3, "database-growth-size", 1e6))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        assertThat(found("database-growth", 3, "database-growth-size", 1e6)).isEmpty();
    }

    @Test
    void findsASnapshotThatKeepsDeadRows() throws Exception {
        try (Connection reader = database.connect()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            PostgresFixture.run(reader, "SELECT 1");
            String who = "pid " + pid(reader);

            await().untilAsserted(() -> assertThat(found("xmin-horizon", 0.05))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.object()).startsWith(who)));
            reader.rollback();

            assertThat(found("xmin-horizon", 0.05)).isEmpty();
        }
    }

    @Test
    void findsAnOldPreparedTransaction() throws Exception {
        String gid = database.name() + " it's";
        String literal = "'" + gid.replace("'", "''") + "'";
        database.sql(
                "CREATE TABLE t (id int PRIMARY KEY)",
                "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION " + literal);

        assertThat(found("prepared-transactions", 0)).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo(gid);
            assertThat(finding.advice()).contains("ROLLBACK PREPARED " + literal);
        });
        database.sql("ROLLBACK PREPARED " + literal);

        assertThat(found("prepared-transactions", 0)).isEmpty();
    }

    @Test
    void findsAnIndexWhoseBuildFailed() throws Exception {
        database.sql("CREATE TABLE twins (id int)", "INSERT INTO twins VALUES (1), (1)");
        assertThatThrownBy(() -> database.sql("CREATE UNIQUE INDEX CONCURRENTLY twins_id ON twins (id)"))
                .isInstanceOf(SQLException.class);

        assertThat(foundByDefault("invalid-index")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.twins_id");
            assertThat(finding.severity()).isEqualTo(Severity.INFO);
        });
        assertThat(found("invalid-index", 0))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        database.sql("DROP INDEX twins_id");

        assertThat(foundByDefault("invalid-index")).isEmpty();
    }

    @Test
    void findsDuplicateAndUnusedIndexesForInformation() throws Exception {
        database.sql(
                "CREATE TABLE wide (id int PRIMARY KEY, body text)",
                "INSERT INTO wide SELECT g, repeat(md5(g::text), 15) FROM generate_series(1, 25000) g",
                "CREATE INDEX wide_body ON wide (body)",
                "CREATE INDEX wide_expression ON wide (lower(left(body, 9)))",
                "CREATE INDEX wide_expression_again ON wide ( lower( left(body, 9)) )",
                "ANALYZE wide");

        assertThat(foundByDefault("unused-index")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.wide_body");
            assertThat(finding.severity()).isEqualTo(Severity.INFO);
        });
        assertThat(foundByDefault("duplicate-index"))
                .extracting(Finding::object)
                .containsExactly("public.wide_expression_again");
        database.sql("DROP INDEX wide_body, wide_expression");

        assertThat(foundByDefault("unused-index")).isEmpty();
        assertThat(foundByDefault("duplicate-index")).isEmpty();
    }

    @Test
    void findsBloatedTablesAndIndexes() throws Exception {
        database.sql(
                "CREATE TABLE bloated (id int PRIMARY KEY, body text) WITH (autovacuum_enabled = off)",
                "INSERT INTO bloated SELECT g, repeat('x', 100) FROM generate_series(1, 60000) g",
                "DELETE FROM bloated WHERE id % 20 <> 0",
                "VACUUM ANALYZE bloated");

        assertThat(found("table-bloat", 0.5, "table-bloat-size", 1_000_000))
                .extracting(Finding::object)
                .containsExactly("public.bloated");
        assertThat(found("index-bloat", 0.5, "index-bloat-size", 100_000))
                .extracting(Finding::object)
                .containsExactly("public.bloated_pkey");
        assertThat(foundByDefault("table-bloat")).isEmpty();
        database.sql("VACUUM (FULL, ANALYZE) bloated");

        assertThat(found("table-bloat", 0.5, "table-bloat-size", 1_000_000)).isEmpty();
        assertThat(found("index-bloat", 0.5, "index-bloat-size", 100_000)).isEmpty();
    }

    @Test
    void findsATableWithoutAPrimaryKey() throws Exception {
        database.sql("CREATE TABLE \"no key\" (id int)", "CREATE TEMP TABLE passing (id int)");

        assertThat(foundByDefault("missing-primary-key")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.\"no key\"");
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        });
        assertThat(found("missing-primary-key@public.\"no key\"", 1_000)).isEmpty();
        database.sql("ALTER TABLE \"no key\" ADD PRIMARY KEY (id)");

        assertThat(foundByDefault("missing-primary-key")).isEmpty();
    }

    @Test
    void findsASequenceNearTheEndOfItsColumn() throws Exception {
        database.sql("CREATE TABLE counted (id serial PRIMARY KEY)", "SELECT setval('counted_id_seq', 2000000000)");

        assertThat(foundByDefault("sequence-used")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.counted_id_seq");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.advice()).contains("column id (integer) of table public.counted");
        });
        database.sql("ALTER TABLE counted ALTER id TYPE bigint", "ALTER SEQUENCE counted_id_seq AS bigint");

        assertThat(foundByDefault("sequence-used")).isEmpty();
    }

    @Test
    void readsASequenceThatIsFarFromItsEndLaterAndAllOthersEachTime() throws Exception {
        database.sql("CREATE SEQUENCE far", "CREATE SEQUENCE near_by AS int", "SELECT setval('near_by', 1200000000)");
        assertThat(foundByDefault("sequence-used")).isEmpty();
        database.sql(
                "SELECT setval('far', 9000000000000000000)",
                "SELECT setval('near_by', 2000000000)",
                "CREATE SEQUENCE made_later START 9000000000000000000",
                "SELECT nextval('made_later')");

        assertThat(foundByDefault("sequence-used"))
                .extracting(Finding::object)
                .containsExactlyInAnyOrder("public.near_by", "public.made_later");
        assertThat(foundByDefault("sequence-used"))
                .extracting(Finding::object)
                .containsExactlyInAnyOrder("public.near_by", "public.made_later");
        assertThat(found("sequence-used", 0.7)).hasSize(3);
    }

    @Test
    void readsAllSequencesHoweverManyThereAre() throws Exception {
        database.sql(
                "DO $$ BEGIN FOR i IN 1..2100 LOOP EXECUTE format('CREATE SEQUENCE s%s AS int', i); END LOOP; END $$",
                "SELECT setval('s2100', 2000000000)");

        assertThat(foundByDefault("sequence-used")).extracting(Finding::object).containsExactly("public.s2100");
    }

    @Test
    void findsASlotThatNobodyReads() throws Exception {
        String slot = database.name();
        database.sql("SELECT pg_create_physical_replication_slot('" + slot + "', true)");

        assertThat(found("inactive-slot", 0)).extracting(Finding::object).contains(slot);
        assertThat(found("slot-wal", 0)).extracting(Finding::object).contains(slot);
        assertThat(foundByDefault("inactive-slot")).isEmpty();
        database.sql("SELECT pg_drop_replication_slot('" + slot + "')");

        assertThat(found("inactive-slot", 0)).extracting(Finding::object).doesNotContain(slot);
    }

    @Test
    void findsDisabledTriggers() throws Exception {
        database.sql(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (id int PRIMARY KEY REFERENCES parent)",
                "ALTER TABLE child DISABLE TRIGGER ALL");

        assertThat(foundByDefault("disabled-triggers"))
                .extracting(Finding::object)
                .containsExactly("public.child");
        database.sql("ALTER TABLE child ENABLE TRIGGER ALL");

        assertThat(foundByDefault("disabled-triggers")).isEmpty();
    }

    @Test
    void findsATableThatRunsOutOfPartitions() throws Exception {
        database.sql(
                "CREATE TABLE agg (at timestamptz PRIMARY KEY) PARTITION BY RANGE (at)",
                "CREATE TABLE agg_1 PARTITION OF agg FOR VALUES FROM ('2025-01-01 00:00Z') TO ('2025-02-01 00:00Z')");

        assertThat(foundByDefault("partition-headroom")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.agg");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.advice()).contains("inserts fail");
        });
        database.sql("DO $$ BEGIN EXECUTE format('CREATE TABLE agg_2 PARTITION OF agg FOR VALUES FROM (%L) TO (%L)',"
                + " now(), now() + interval '1 day'); EXECUTE format('CREATE TABLE agg_3 PARTITION OF agg FOR VALUES"
                + " FROM (%L) TO (%L)', now() + interval '1 day', now() + interval '100 days'); END $$");
        database.sql("DO $$ BEGIN EXECUTE format('CREATE TABLE agg_4 PARTITION OF agg FOR VALUES FROM (%L) TO (%L)',"
                + " now() + interval '101 days', now() + interval '102 days'); END $$");

        assertThat(foundByDefault("partition-headroom")).isEmpty();
    }

    @Test
    void findsRowsPastTheirRetention() throws Exception {
        database.sql(
                "CREATE TABLE events (id int PRIMARY KEY, at timestamptz)",
                "INSERT INTO events VALUES (1, now() - interval '10 days'), (2, now()), (3, '-infinity'), (4, NULL)");
        HealthCheck task = retention(HealthCheck.Profile.QUICK);

        Done unindexed = database.perform(health, task);
        Done full = database.perform(health, retention(HealthCheck.Profile.FULL));
        database.sql("CREATE INDEX ON events (at)");
        Done indexed = database.perform(health, task);
        database.sql("DELETE FROM events WHERE id = 1");
        Done mended = database.perform(health, task);

        assertThat(PostgresFixture.of(unindexed, "not-looked")).hasSize(1);
        assertThat(PostgresFixture.of(full, "retention")).hasSize(1);
        assertThat(PostgresFixture.of(indexed, "retention")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.events");
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        });
        assertThat(PostgresFixture.of(mended, "retention")).isEmpty();
    }

    private static HealthCheck retention(HealthCheck.Profile profile) {
        return new HealthCheck(
                Optional.of(profile),
                Map.of(),
                List.of(new HealthCheck.Retention(
                        TableName.parse("events"), ColumnName.parse("at"), Duration.ofDays(8), Optional.empty())));
    }

    @Test
    void findsThatTheLastVerifiedBackupIsOld() throws Exception {
        Instant now = Instant.now();
        PostgresHealth old = new PostgresHealth(
                ExecutorThresholds.none(),
                new HealthMemory(),
                Optional.of(id -> Optional.of(now.minus(Duration.ofHours(31)))));
        PostgresHealth recent = new PostgresHealth(
                ExecutorThresholds.none(),
                new HealthMemory(),
                Optional.of(id -> Optional.of(now.minus(Duration.ofHours(29)))));

        assertThat(PostgresFixture.of(database.perform(old, HealthCheck.quick()), "backup-age"))
                .hasSize(1);
        assertThat(PostgresFixture.of(database.perform(recent, HealthCheck.quick()), "backup-age"))
                .isEmpty();
    }

    @Test
    void findsAFullDiskFromTheLimitOn() throws Exception {
        assertThat(found("disk-used", 0.000_01)).hasSize(1);
        assertThat(found("disk-used", 0.999_999)).isEmpty();
    }
}
