package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBackupTest {
    @TempDir
    Path folder;

    Backups backups;
    PostgresDatabase database;

    @BeforeEach
    void orders() throws Exception {
        backups = Backups.in(folder.resolve("backups"));
        String name = TestServers.newDatabase("backup");
        database = database(name, TestServers.postgres().password());
        TestServers.postgres()
                .execute(
                        name,
                        "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                        "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 20000) i",
                        "CREATE TABLE \"odd \"\"name\" (a text)",
                        "INSERT INTO \"odd \"\"name\" VALUES (E'\\\\.'), (E'line\\nbreak'), ('COPY x FROM stdin;'), (NULL)");
    }

    static PostgresDatabase database(String name, String password) {
        dev.upkeep.local.server.PostgresAddress server = TestServers.postgres();
        return new PostgresDatabase(
                new DatabaseId(name),
                Map.of(),
                new PostgresAddress(server.host(), server.port(), name),
                server.user(),
                () -> Optional.of(password),
                Map.of());
    }

    private Done backUp(Backup task) throws Exception {
        return backUp(task, new FreeAttempt());
    }

    private Done backUp(Backup task, FreeAttempt attempt) throws Exception {
        return new PostgresBackup(backups, backups.taking()).perform(Backups.order(task), database, attempt);
    }

    private Manifest newest() throws Exception {
        return backups.catalogue().list(database.id()).get(0);
    }

    @Test
    void listsADumpWhoseRowsWereCountedInIt() throws Exception {
        Done done = backUp(Backup.byDefault());

        Manifest manifest = newest();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.report()).contains(manifest.report(0));
        assertThat(manifest.state()).isEqualTo(State.VERIFIED);
        Contents contents = manifest.contents().orElseThrow();
        assertThat(contents.rows()).isEqualTo(20_004);
        assertThat(contents.byTable().get("public.orders").rows()).isEqualTo(20_000);
        assertThat(contents.byTable().get("public.\"odd \"\"name\"").rows()).isEqualTo(4);
        assertThat(backups.names(database.id())).containsExactly(manifest.name(), manifest.name() + ".json");
        assertThat(Files.getPosixFilePermissions(backups.file(manifest)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void hasTheSameContentsHashForTheSameContentAndAnotherForAnother() throws Exception {
        backUp(Backup.byDefault());
        Contents first = newest().contents().orElseThrow();
        backUp(Backups.uncompressed());
        Contents same = newest().contents().orElseThrow();
        TestServers.postgres()
                .execute(database.address().database(), "UPDATE orders SET note = 'changed' WHERE id = 1");
        backUp(Backup.byDefault());
        Contents changed = newest().contents().orElseThrow();

        assertThat(same).isEqualTo(first);
        assertThat(changed.schemaHash()).isEqualTo(first.schemaHash());
        assertThat(changed.byTable().get("public.orders"))
                .isNotEqualTo(first.byTable().get("public.orders"));
    }

    @Test
    void saysThatTheClientIsMissing() {
        PostgresClients none = PostgresClients.only(folder);

        Failure failure = catchThrowableOfType(Failure.class, () -> none.forServer(15));

        assertThat(failure.reason().code()).isEqualTo(Code.TOOL_MISSING);
        assertThat(failure).hasMessageContaining("pg_dump of version 15 or newer is needed, none is installed");
        assertThat(new BackupTools(none).tools().get(0).problem()).isPresent();
        assertThat(new BackupTools(none).refusals(database, Optional.of("15.12")))
                .extracting(dev.upkeep.common.fleet.Refusal::task)
                .containsExactly("backup", "verify-backup", "restore-drill", "restore");
    }

    @Test
    void takesTheClientOfTheServersVersionAndNeverAnOlderOne() throws Exception {
        PostgresClients clients = PostgresClients.only(
                program("14", "echo 'pg_dump (PostgreSQL) 14.9'"), program("17", "echo 'pg_dump (PostgreSQL) 17.2'"));

        assertThat(clients.forServer(14).version()).isEqualTo("14.9");
        assertThat(clients.forServer(15).version()).isEqualTo("17.2");
        assertThat(clients.problem(18).orElseThrow()).contains("found only [14.9, 17.2]");
    }

    @Test
    void neverShowsThePasswordThatTheServerRefused() throws Exception {
        database = database(database.address().database(), "s3cret-and-wrong");
        Path fake = program("99", script("echo \"could not log in with s3cret-and-wrong\" >&2; exit 1"));
        PostgresClients.Client client = PostgresClients.only(fake).forServer(15);

        assertThat(client.version()).isEqualTo("99.0");
        Failure failure = catchThrowableOfType(Failure.class, () -> dumpBy(client));
        assertThat(failure).hasMessageContaining("could not log in with ***");
        assertThat(failure).hasMessageNotContaining("s3cret");
    }

    private void dumpBy(PostgresClients.Client client) throws Exception {
        try (LibpqSettings settings = LibpqSettings.of(database, folder.resolve("pgpass"));
                dev.upkeep.executor.operation.backup.program.Program program =
                        dev.upkeep.executor.operation.backup.program.Program.start(
                                new dev.upkeep.executor.operation.backup.program.ProgramOrder(
                                        client.program("pg_dump"),
                                        List.of(),
                                        settings.environment(),
                                        settings.secrets(),
                                        List.of(),
                                        true))) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("pgpass")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            program.await(Duration.ofSeconds(10));
        }
    }

    @Test
    void endsADumpThatHangsWithAllThatItStartedWhenTimeIsUp() throws Exception {
        Path pids = folder.resolve("pids");
        backups = backups.clientsIn(
                program("15", script("trap '' TERM; sleep 600 & echo $! $$ > " + pids + "; wait; wait; sleep 600")));
        FreeAttempt attempt = new FreeAttempt();
        Thread stopper = new Thread(() -> {
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(pids) && Files.size(pids) > 0);
            attempt.stop(Stop.CANCELLED);
        });
        stopper.start();

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backup.byDefault(), attempt));

        stopper.join();
        assertThat(failure.reason().code()).isEqualTo(Code.CANCELLED);
        for (String pid : Files.readString(pids).strip().split(" ", -1)) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .isEmpty());
        }
        assertThat(backups.names(database.id())).isEmpty();
    }

    @Test
    void listsNothingWhenTheDumpDiesHalfway() throws Exception {
        backups = backups.clientsIn(program("15", script("head -c 3000000 /dev/zero; echo 'out of luck' >&2; exit 3")));

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backup.byDefault()));

        assertThat(failure.reason().code()).isEqualTo(Code.TOOL_FAILED);
        assertThat(failure).hasMessageContaining("ended with status 3: out of luck");
        assertThat(backups.names(database.id())).isEmpty();
    }

    @Test
    void boundsWhatAProgramComplains() throws Exception {
        backups = backups.clientsIn(program(
                "15", script("echo first >&2; head -c 30000000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 1")));

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backup.byDefault()));

        assertThat(failure.getMessage()).hasSizeLessThan(20_000).contains("first", "last", "bytes left out");
    }

    @Test
    void listsNothingThatPgRestoreCannotRead() throws Exception {
        backups = backups.clientsIn(program("15", script("echo 'this is no dump'")));
        Files.createSymbolicLink(
                folder.resolve("client-15/pg_restore"),
                PostgresClients.of(List.of()).forServer(15).program("pg_restore"));

        Failure failure = catchThrowableOfType(Failure.class, () -> backUp(Backup.byDefault()));

        assertThat(failure.reason().code()).isEqualTo(Code.VERIFICATION_FAILED);
        assertThat(backups.names(database.id())).isEmpty();
    }

    @Test
    void saysInADryRunWhatItWouldTake() throws Exception {
        Done done = new PostgresBackup(backups, backups.taking())
                .perform(Backups.dryRun(Backup.byDefault()), database, new FreeAttempt());

        assertThat(((Backup.Plan) done.report().orElseThrow()).sourceBytes()).isPositive();
        assertThat(backups.names(database.id())).isEmpty();
    }

    private static String script(String body) {
        return "if [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) VERSION.0'; exit 0; fi\n" + body;
    }

    private Path program(String version, String body) throws Exception {
        Path bin = Files.createDirectories(folder.resolve("client-" + version));
        Path program = bin.resolve("pg_dump");
        Files.writeString(program, "#!/bin/sh\n" + body.replace("VERSION", version) + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }
}
