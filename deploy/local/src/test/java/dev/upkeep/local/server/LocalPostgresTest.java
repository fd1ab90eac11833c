package dev.upkeep.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresTest {
    @TempDir
    Path folder;

    @Test
    void keepsCommittedRowsAcrossStopAndKillAndAnotherPort() throws Exception {
        try (LocalPostgres server = LocalPostgres.in(folder).start()) {
            server.address().createDatabase("kept");
            server.address().execute("kept", "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)");

            server.stop(LocalPostgres.Stop.IMMEDIATE);
            server.start();
            server.address().execute("kept", "INSERT INTO t VALUES (2)");
            server.kill();
            boolean running = server.isRunning();
            server.start();
            server.address().execute("kept", "INSERT INTO t VALUES (3)");
            server.restart();

            assertThat(running).isFalse();
            assertThat(sum(server.address())).isEqualTo(6);
        }

        try (LocalPostgres server = LocalPostgres.in(folder).port(Ports.free()).start()) {
            assertThat(sum(server.address())).isEqualTo(6);
        }
    }

    @Test
    void letsNobodyInWithoutThePassword() throws Exception {
        PostgresAddress known = TestServers.postgres();
        PostgresAddress wrong = new PostgresAddress(known.host(), known.port(), known.user(), "wrong");

        assertThatThrownBy(() -> wrong.connect("postgres"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
        assertThat(known.toString()).doesNotContain(known.password());
    }

    @Test
    void keepsThePasswordInAFileOfItsOwnerOnly() throws Exception {
        try (LocalPostgres server = LocalPostgres.in(folder).start()) {
            Path file = folder.resolve("password");

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(file).strip())
                    .hasSizeGreaterThanOrEqualTo(24)
                    .isEqualTo(server.address().password());
        }
    }

    @Test
    void runsFromTheBinariesThatMavenBroughtWhenNoServerIsInstalled() throws Exception {
        Path bin = PostgresPrograms.unpacked(ServerUser.choose().programs(folder));

        try (LocalPostgres server =
                LocalPostgres.in(folder.resolve("server")).bin(bin).start()) {
            try (Connection connection = server.address().connect("postgres");
                    Statement statement = connection.createStatement();
                    ResultSet version = statement.executeQuery("SHOW server_version")) {
                version.next();
                assertThat(version.getString(1)).startsWith("14.");
            }
        }
    }

    @Test
    void refusesAFolderWithoutTheProgramsAndNamesIt() {
        PostgresSetup setup = LocalPostgres.in(folder.resolve("server")).bin(folder);

        assertThatThrownBy(setup::start)
                .isInstanceOf(LocalFailure.class)
                .hasMessageContaining(folder + ": holds no initdb and postgres");
    }

    @Test
    void showsTheLogWhenTheServerRefusesItsSettings() {
        PostgresSetup setup = LocalPostgres.in(folder).setting("shared_buffers", "lots");

        assertThatThrownBy(setup::start)
                .isInstanceOf(LocalFailure.class)
                .hasMessageContainingAll("PostgreSQL ended with status", "shared_buffers", "postgres.log");
    }

    @Test
    void takesTheNewestInstalledServerWhenNoneIsGiven() {
        Path found = PostgresPrograms.find(Optional.empty(), ServerUser.choose(), folder);

        assertThat(found).isEqualTo(PostgresPrograms.installed().orElse(found));
        assertThat(found.resolve("postgres")).isExecutable();
    }

    @Test
    void makesADatabaseOnceOnly() throws Exception {
        String name = TestServers.newDatabase("once");

        TestServers.postgres().createDatabase(name);

        TestServers.postgres().execute(name, "SELECT 1");
    }

    private static int sum(PostgresAddress address) throws SQLException {
        try (Connection connection = address.connect("kept");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT sum(n) FROM t")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
