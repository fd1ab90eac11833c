package dev.upkeep.executor.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FencesTest {
    @TempDir
    Path folder;

    private final Fences first = new Fences(new ExecutorId("first-host"));
    private final Fences second = new Fences(new ExecutorId("second-host"));

    private Database sqlite() throws Exception {
        Path file = Files.writeString(folder.resolve("a.db"), "");
        return new SqliteDatabase(new DatabaseId("a"), Map.of(), file);
    }

    private static Database postgres() {
        dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();
        return new PostgresDatabase(
                new DatabaseId("b"),
                Map.of(),
                new PostgresAddress(server.host(), server.port(), TestServers.newDatabase("fence")),
                server.user(),
                () -> Optional.of(server.password()),
                Map.of());
    }

    @Test
    void keepsASecondExecutorOutOfAPostgresDatabaseAndNamesTheHolder() throws Exception {
        onlyOneAtATime(postgres());
    }

    @Test
    void keepsASecondExecutorOutOfASqliteFileAndNamesTheHolder() throws Exception {
        onlyOneAtATime(sqlite());
    }

    private void onlyOneAtATime(Database database) throws Exception {
        Fence held = first.hold(database);

        assertThat(held.isHeld()).isTrue();
        assertThatThrownBy(() -> second.hold(database))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.reason().code()).isEqualTo(Code.OTHER_EXECUTOR))
                .hasMessageContaining("first-host");

        held.close();
        Fence next = second.hold(database);
        assertThat(next.isHeld()).isTrue();
        next.close();
    }

    @Test
    void leavesNoLockFileBehind() throws Exception {
        Database database = sqlite();

        first.hold(database).close();

        assertThat(folder.toFile().list()).containsExactly("a.db");
    }

    @Test
    void takesOverALockFileThatADeadProcessLeft() throws Exception {
        Database database = sqlite();
        Files.writeString(folder.resolve("a.db.upkeep-lock"), "executor dead-host, process 1");

        Fence held = first.hold(database);

        assertThat(held.isHeld()).isTrue();
        held.close();
    }

    @Test
    void isHeldByAnotherProcessToo() throws Exception {
        Database database = sqlite();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process other = new ProcessBuilder(
                        java.toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        folder.resolve("a.db").toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");

            assertThatThrownBy(() -> first.hold(database)).hasMessageContaining("other-process");
        } finally {
            other.destroyForcibly().waitFor();
        }
        first.hold(database).close();
    }

    @Test
    void anEndedSessionEndsTheHold() throws Exception {
        PostgresDatabase database = (PostgresDatabase) postgres();
        Fence held = first.hold(database);

        TestServers.postgres()
                .execute(
                        database.address().database(),
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'upkeep fence of first-host%'");

        assertThat(held.isHeld()).isFalse();
        second.hold(database).close();
        held.close();
    }
}
