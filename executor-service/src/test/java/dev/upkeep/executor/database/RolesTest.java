package dev.upkeep.executor.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.fence.Fence;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.LoadGovernor;
import dev.upkeep.executor.governor.PressureLimits;
import dev.upkeep.executor.governor.Watch;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The script for operators gives what the executor needs, and no more. */
class RolesTest {
    private final String name = TestServers.newDatabase("roles");
    private final String login = TestServers.unique("login");
    private PostgresDatabase database;

    @BeforeEach
    void grant() throws Exception {
        String script = Files.readString(Path.of("..", "deploy", "postgresql", "roles.sql"));
        TestServers.postgres()
                .execute(
                        name,
                        script,
                        script,
                        "CREATE TABLE public.events_seen (id bigint PRIMARY KEY, at timestamptz)",
                        "CREATE TABLE public.users (id bigint PRIMARY KEY)",
                        "INSERT INTO public.events_seen VALUES (1, now())",
                        "INSERT INTO public.users VALUES (1)",
                        "CREATE ROLE " + login + " LOGIN PASSWORD 'secret'",
                        "GRANT upkeep_monitor, upkeep_maintain, upkeep_purge TO " + login,
                        "GRANT SELECT, DELETE ON TABLE public.events_seen TO upkeep_purge");
        dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();
        database = new PostgresDatabase(
                new DatabaseId("roles"),
                Map.of(),
                new PostgresAddress(server.host(), server.port(), name),
                login,
                () -> Optional.of("secret"),
                Map.of());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void seesTheLoadAndTheSessionsOfOthers() throws Exception {
        try (Connection connection = database.connect("test");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE query = '<insufficient privilege>'")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
        try (Watch watch = new LoadGovernor(new PressureLimits(3, Duration.ofSeconds(10), 50, Long.MAX_VALUE, 0))
                .watch(database)) {
            assertThat(watch.pressure()).isEmpty();
        }
        try (Fence fence = new Fences(new ExecutorId("least")).hold(database)) {
            assertThat(fence.isHeld()).isTrue();
        }
    }

    @Test
    void deletesFromGrantedTablesOnly() throws Exception {
        execute("DELETE FROM public.events_seen WHERE id = 1");

        assertThatThrownBy(() -> execute("DELETE FROM public.users WHERE id = 1"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(database.codeOf(e)).isEqualTo(Code.PERMISSION_DENIED));
        assertThatThrownBy(() -> execute("UPDATE public.events_seen SET at = now()"))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> execute("DROP TABLE public.events_seen")).isInstanceOf(SQLException.class);
    }

    @Test
    void readsNoRowsWithoutTheRightOfBackups() {
        assertThatThrownBy(() -> execute("SELECT * FROM public.users")).isInstanceOf(SQLException.class);
    }

    private int major() throws SQLException {
        try (Connection connection = database.connect("test")) {
            return connection.getMetaData().getDatabaseMajorVersion();
        }
    }

    private boolean isAllowed(String sql) {
        try {
            execute(sql);
            return true;
        } catch (SQLException e) {
            assertThat(database.codeOf(e)).as(sql).isEqualTo(Code.PERMISSION_DENIED);
            return false;
        }
    }

    private void grant(String role) throws SQLException {
        TestServers.postgres().execute(name, "GRANT " + role + " TO " + login);
    }

    @Test
    void maintainsTheTablesOfOthersFrom17On() throws Exception {
        for (String sql : List.of("VACUUM public.users", "ANALYZE public.users")) {
            try (Connection connection = database.connect("test");
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);

                assertThat(statement.getWarnings() == null).as(sql).isEqualTo(major() >= 17);
            }
        }
        assertThat(isAllowed("REINDEX TABLE public.users")).isEqualTo(major() >= 17);
    }

    @Test
    void maintainsATableWithItsOwnersRightsOnAnyVersion() throws Exception {
        String owner = TestServers.unique("owner");
        TestServers.postgres()
                .execute(
                        name,
                        "CREATE ROLE " + owner,
                        "ALTER TABLE public.users OWNER TO " + owner,
                        "GRANT CREATE, USAGE ON SCHEMA public TO " + owner);
        grant(owner);

        try (Connection connection = database.connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE public.users");

            assertThat(statement.getWarnings() == null).isTrue();
        }
        assertThat(isAllowed("REINDEX TABLE public.users")).isTrue();
    }

    @Test
    void checkpointsFrom15On() throws Exception {
        assertThat(isAllowed("CHECKPOINT")).isEqualTo(major() >= 15);
    }

    @Test
    void readsAllRowsForBackupsFrom14On() throws Exception {
        grant("upkeep_backup");

        assertThat(isAllowed("SELECT * FROM public.users")).isEqualTo(major() >= 14);
        assertThat(isAllowed("DELETE FROM public.users")).isFalse();
    }

    @Test
    void seesTheWriteAheadLogTheArchiveAndTheServersIdentity() {
        assertThat(isAllowed("SELECT count(*) FROM pg_ls_waldir()")).isTrue();
        assertThat(isAllowed("SELECT count(*) FROM pg_ls_archive_statusdir()")).isTrue();
        assertThat(isAllowed("SELECT system_identifier FROM pg_control_system()"))
                .isTrue();
        assertThat(isAllowed("SELECT setting FROM pg_settings WHERE name = 'archive_command'"))
                .isTrue();
    }

    @Test
    void endsTheSessionsOfOthersOnlyWithTheRightToSignalAndThoseOfSuperusersNever() throws Exception {
        String other = TestServers.unique("other");
        dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();
        server.execute(name, "CREATE ROLE " + other + " LOGIN PASSWORD 'secret'");
        dev.upkeep.local.server.PostgresAddress asOther =
                new dev.upkeep.local.server.PostgresAddress(server.host(), server.port(), other, "secret");
        try (Connection session = asOther.connect(name);
                Connection superuser = server.connect(name)) {
            String end = "SELECT pg_terminate_backend(" + pid(session) + ")";
            assertThat(isAllowed(end)).isFalse();

            grant("upkeep_signal");

            assertThat(isAllowed(end)).isTrue();
            assertThat(isAllowed("SELECT pg_terminate_backend(" + pid(superuser) + ")"))
                    .isFalse();
        }
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    @Test
    void canDoNothingThatNoTaskNeeds() {
        for (String sql : List.of(
                "CREATE ROLE upkeep_test_more",
                "CREATE DATABASE upkeep_test_more",
                "SET SESSION AUTHORIZATION " + TestServers.postgres().user(),
                "ALTER SYSTEM SET work_mem = '4MB'",
                "COPY public.events_seen TO PROGRAM 'cat'",
                "SELECT pg_read_file('/etc/passwd')",
                "TRUNCATE public.events_seen")) {
            assertThat(isAllowed(sql)).as(sql).isFalse();
        }
    }

    @Test
    void aWrongPasswordIsAuthenticationFailed() {
        PostgresDatabase wrong = new PostgresDatabase(
                database.id(), Map.of(), database.address(), login, () -> Optional.of("guess"), Map.of());

        assertThatThrownBy(() -> wrong.connect("test"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(wrong.codeOf(e)).isEqualTo(Code.AUTHENTICATION_FAILED));
    }
}
