package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.task.Backup;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import dev.upkeep.local.server.TestServers;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpArchiveTest {
    @TempDir
    Path folder;

    String database;
    Backups backups;

    @BeforeEach
    void awkwardDatabase() throws Exception {
        backups = Backups.in(folder.resolve("backups"));
        database = TestServers.newDatabase("archive");
        AwkwardContent.fillPostgres(database, TestServers.unique("reader"));
    }

    private byte[] dump() throws Exception {
        new PostgresBackup(backups, backups.taking())
                .perform(
                        Backups.order(Backup.byDefault()),
                        PostgresBackupTest.database(
                                database, TestServers.postgres().password()),
                        new FreeAttempt());
        Manifest manifest = backups.catalogue()
                .list(new dev.upkeep.common.id.DatabaseId(database))
                .get(0);
        return Files.readAllBytes(backups.unpack(manifest, folder.resolve("content")));
    }

    private void dropLargeObjects() throws Exception {
        TestServers.postgres().execute(database, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
    }

    private DumpScript byPgRestore(byte[] dump) throws Exception {
        List<PostgresClients.Client> clients = BackupTools.clients(backups).all();
        Path program = clients.get(clients.size() - 1).program("pg_restore");
        FreeAttempt attempt = new FreeAttempt();
        return Scripts.read(
                ProgramOrder.of(program, List.of("--data-only", "--format=custom", "--file=-"), Map.of()),
                Optional.of(() -> new ByteArrayInputStream(dump)),
                attempt,
                new Pump(attempt, Pace.FAST, Optional.empty()),
                new Pump.Part("test", dump.length, 0, 100),
                complaint -> new Failure(dev.upkeep.common.result.Code.VERIFICATION_FAILED, complaint));
    }

    @Test
    void findsWhatPgRestoreFinds() throws Exception {
        dropLargeObjects();
        byte[] dump = dump();

        DumpScript found = DumpArchive.data(new ByteArrayInputStream(dump)).orElseThrow();

        DumpScript expected = byPgRestore(dump);
        assertThat(found.tables()).isEqualTo(expected.tables()).hasSizeGreaterThan(3);
        assertThat(found.rows()).isEqualTo(expected.rows()).isGreaterThan(400);
        assertThat(found.tableCount()).isEqualTo(expected.tableCount());
        assertThat(found.statements()).isEqualTo(expected.statements());
    }

    @Test
    void leavesLargeObjectsToPgRestore() throws Exception {
        assertThat(DumpArchive.data(new ByteArrayInputStream(dump()))).isEmpty();
    }

    @Test
    void refusesWhatEndsTooEarlyOrGoesOn() throws Exception {
        dropLargeObjects();
        byte[] dump = dump();

        for (int cut = 1; cut < dump.length; cut += 1 + dump.length / 500) {
            byte[] part = Arrays.copyOf(dump, dump.length - cut);
            assertThatThrownBy(() -> DumpArchive.data(new ByteArrayInputStream(part)))
                    .as("%s bytes less", cut)
                    .isInstanceOf(StoredInput.Damaged.class);
        }
        assertThatThrownBy(() -> DumpArchive.data(new ByteArrayInputStream(Arrays.copyOf(dump, dump.length + 1))))
                .isInstanceOf(StoredInput.Damaged.class);
    }
}
