package dev.upkeep.executor.operation.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.CancelQueries;
import dev.upkeep.common.task.EndedSession;
import dev.upkeep.common.task.Protect;
import dev.upkeep.common.task.TerminateIdle;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresSessionsTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private final PostgresFixture database = PostgresFixture.create();
    private final String role = database.name() + "_app";

    @BeforeEach
    void role() throws Exception {
        database.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
    }

    @AfterEach
    void noRole() throws Exception {
        database.sql("DROP ROLE " + role);
    }

    private Connection application(String name) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", "secret");
        properties.setProperty("ApplicationName", name);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + database.database().address().host() + ":"
                        + database.database().address().port() + "/" + database.name(),
                properties);
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private static TerminateIdle idle(Protect protect) {
        return new TerminateIdle(
                Optional.of(SHORT), Optional.of(SHORT), Optional.empty(), Optional.empty(), Optional.of(protect));
    }

    private static TerminateIdle.Report report(Done done) {
        return (TerminateIdle.Report) done.report().orElseThrow();
    }

    @Test
    void endsIdleSessionsAndShowsThemFirstInADryRun() throws Exception {
        PostgresTerminateIdle operation = new PostgresTerminateIdle();
        try (Connection application = application("web")) {
            int pid = pid(application);
            await().untilAsserted(() -> assertThat(report(database.dryRun(operation, idle(Protect.none())))
                            .sessions())
                    .extracting(EndedSession::pid, EndedSession::how)
                    .contains(org.assertj.core.groups.Tuple.tuple(pid, "would be terminated")));

            Done done = database.perform(operation, idle(Protect.none()));

            assertThat(report(done).sessions())
                    .extracting(EndedSession::pid, EndedSession::how)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(pid, "terminated"));
            await().until(() -> database.value("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                    .equals("0"));
        }
    }

    @Test
    void neverEndsWhoIsProtected() throws Exception {
        PostgresTerminateIdle operation = new PostgresTerminateIdle();
        try (Connection superuser = database.connect();
                Connection backup = application("pg_dump");
                Connection ours = application("upkeep nightly/telemetry");
                Connection byName = application("billing worker 7")) {
            Protect protect = new Protect(List.of(), List.of("billing"));
            List<Integer> all = List.of(pid(superuser), pid(backup), pid(ours), pid(byName));

            await().untilAsserted(() -> assertThat(
                            report(database.perform(operation, idle(protect))).protectedSessions())
                    .isEqualTo(4));
            Done byRole = database.perform(operation, idle(new Protect(List.of(role), List.of())));

            assertThat(byRole.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
            for (int pid : all) {
                assertThat(database.value("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid))
                        .isEqualTo("1");
            }
        }
    }

    @Test
    void neverTouchesReplicationOrSessionsOfOtherDatabases() throws Exception {
        Properties replication = new Properties();
        replication.setProperty("user", role);
        replication.setProperty("password", "secret");
        replication.setProperty("replication", "database");
        replication.setProperty("preferQueryMode", "simple");
        replication.setProperty("assumeMinServerVersion", "13");
        database.sql("ALTER ROLE " + role + " REPLICATION");
        String url = "jdbc:postgresql://" + database.database().address().host() + ":"
                + database.database().address().port() + "/" + database.name();
        try (Connection elsewhere = PostgresFixture.create().connect();
                Connection walsender = DriverManager.getConnection(url, replication)) {
            PostgresFixture.run(walsender, "IDENTIFY_SYSTEM");
            database.sql("ALTER ROLE " + role + " NOREPLICATION");
            String pids = "(" + pid(elsewhere) + ", " + pid(walsender) + ")";
            assertThat(database.value("SELECT backend_type FROM pg_stat_activity WHERE pid = " + pid(walsender)))
                    .isEqualTo("walsender");

            await().untilAsserted(() -> assertThat(
                            report(database.perform(new PostgresTerminateIdle(), idle(Protect.none())))
                                    .protectedSessions())
                    .isEqualTo(1));

            assertThat(database.value("SELECT count(*) FROM pg_stat_activity WHERE pid IN " + pids))
                    .isEqualTo("2");
        }
    }

    @Test
    void neverCancelsAutovacuum(@TempDir Path folder) throws Exception {
        try (LocalPostgres server = PostgresFixture.setup(folder.resolve("server"))
                .asDisposable()
                .setting("autovacuum_naptime", "1")
                .setting("autovacuum_vacuum_cost_delay", "100ms")
                .setting("autovacuum_vacuum_cost_limit", "1")
                .start()) {
            server.address().createDatabase("busy");
            PostgresFixture busy = PostgresFixture.on(server.address(), "busy");
            busy.sql("CREATE TABLE t (id int)", "INSERT INTO t SELECT generate_series(1, 100000)", "DELETE FROM t");
            String worker =
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = 'busy'";
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !busy.value(worker).equals("no row"));
            String pid = busy.value(worker);
            CancelQueries all =
                    new CancelQueries(Duration.ofMillis(1), Optional.of(SHORT), Optional.empty(), Optional.empty());

            Done done = busy.perform(new PostgresCancelQueries(), all);

            CancelQueries.Report report = (CancelQueries.Report) done.report().orElseThrow();
            assertThat(report.sessions()).isEmpty();
            assertThat(report.protectedSessions()).isPositive();
            assertThat(busy.value(worker)).isEqualTo(pid);
        }
    }

    @Test
    void waitsUntilConnectionsRunOut() throws Exception {
        TerminateIdle task = new TerminateIdle(
                Optional.of(SHORT), Optional.empty(), Optional.of(0.99), Optional.empty(), Optional.empty());

        Done done = database.perform(new PostgresTerminateIdle(), task);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void cancelsAStatementThatRunsTooLongAndLeavesItsSession() throws Exception {
        try (Connection application = application("report")) {
            CompletableFuture<String> query = CompletableFuture.supplyAsync(() -> {
                try {
                    PostgresFixture.run(application, "SELECT pg_sleep(60)");
                    return "done";
                } catch (SQLException e) {
                    return String.valueOf(e.getSQLState());
                }
            });
            CancelQueries task = new CancelQueries(SHORT, Optional.empty(), Optional.empty(), Optional.empty());

            await().untilAsserted(() -> assertThat(
                            ((CancelQueries.Report) database.perform(new PostgresCancelQueries(), task)
                                            .report()
                                            .orElseThrow())
                                    .sessions())
                    .extracting(EndedSession::how)
                    .containsExactly("cancelled"));

            assertThat(query.join()).isEqualTo("57014");
            PostgresFixture.run(application, "SELECT 1");
        }
    }

    @Test
    void endsTheSessionOfAStatementThatIgnoresItsCancellationOnlyIfToldTo() throws Exception {
        database.sql(
                "CREATE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOOP BEGIN PERFORM pg_sleep(60);"
                        + " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$");
        CancelQueries gentle = new CancelQueries(SHORT, Optional.empty(), Optional.empty(), Optional.empty());
        CancelQueries firm = new CancelQueries(SHORT, Optional.of(SHORT), Optional.empty(), Optional.empty());
        try (Connection application = application("stubborn")) {
            CompletableFuture<Void> query = CompletableFuture.runAsync(() -> {
                try {
                    PostgresFixture.run(application, "SELECT public.stubborn()");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });

            await().untilAsserted(() -> assertThat(
                            ((CancelQueries.Report) database.perform(new PostgresCancelQueries(), gentle)
                                            .report()
                                            .orElseThrow())
                                    .sessions())
                    .extracting(EndedSession::how)
                    .containsExactly("still running"));
            Done done = database.perform(new PostgresCancelQueries(), firm);

            assertThat(((CancelQueries.Report) done.report().orElseThrow()).sessions())
                    .extracting(EndedSession::how)
                    .containsExactly("terminated");
            await().until(query::isCompletedExceptionally);
        }
    }
}
