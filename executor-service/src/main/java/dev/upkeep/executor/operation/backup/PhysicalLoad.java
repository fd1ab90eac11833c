package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Restore.PointInTime;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings a physical backup to life in a folder of its own: unpacked, compared with its manifest, and replayed by a spare server
 * to the end of the backup, or with archived write-ahead log to a point in time. What the backup's configuration says about
 * addresses, files and archives does not hold for the spare server.
 */
final class PhysicalLoad {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS'+00'").withZone(ZoneOffset.UTC);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final String AUTO = "postgresql.auto.conf";

    private final BackupSettings settings;
    private final Client client;
    private final Drilling.Task task;

    PhysicalLoad(BackupSettings settings, Client client, Drilling.Task task) {
        this.settings = settings;
        this.client = client;
        this.task = task;
    }

    /** Unpacks and checks it. */
    void unpackInto(Path folder) throws IOException {
        PhysicalCheck check = new PhysicalCheck(client, task.attempt());
        BackupFolder.deleteTree(folder);
        try (StoredInput in = task.open()) {
            check.unpack(
                    in,
                    folder,
                    task.pump(),
                    new Pump.Part("restore", task.manifest().file().contentBytes(), 0, 50));
            task.verification().checkHash(in);
        }
        check.verify(folder, task.pump());
        // a server whose configuration lies elsewhere has none in its data
        for (String file : List.of("postgresql.conf", AUTO)) {
            if (!Files.exists(folder.resolve(file))) {
                Files.createFile(folder.resolve(file));
            }
        }
    }

    /** A point to replay to, and where the log up to it is. */
    record Recovery(PointInTime until, WalArchive archive) {}

    /** Replays it and says what its database holds then. The folder is a whole and stopped server's when this returns. */
    Contents replay(Path folder, Optional<Recovery> recovery) throws IOException {
        Path auto = folder.resolve(AUTO);
        byte[] before = Files.readAllBytes(auto);
        Files.writeString(folder.resolve("upkeep_ident.conf"), "");
        Contents contents = recovery.isPresent() ? recovered(folder, recovery.get()) : started(folder);
        Files.write(auto, before);
        return contents;
    }

    private Contents recovered(Path folder, Recovery recovery) throws IOException {
        try (WalArchive.Access log = recovery.archive().open(folder, ServerAccount.of(settings))) {
            Files.writeString(
                    folder.resolve(AUTO),
                    recoverySettings(recovery.until(), log.restoreCommand()),
                    StandardOpenOption.APPEND);
            Files.createFile(folder.resolve("recovery.signal"));
            try {
                return started(folder);
            } catch (Failure e) {
                Optional<Failure> unreadable = log.failure();
                if (unreadable.isPresent() && task.attempt().stop().isEmpty()) {
                    throw unreadable.get();
                }
                throw e;
            }
        }
    }

    private Contents started(Path folder) throws IOException {
        Manifest.Cluster cluster = DumpLoad.cluster(task.manifest());
        try (SpareServer server = new SpareServer(folder, client, ServerAccount.of(settings), task.attempt())) {
            replayed(server, spare(folder), cluster.superuser());
            Contents contents = new DumpLoad(client, task.attempt(), task.pump())
                    .contentsOf(
                            server.environment(cluster.superuser(), cluster.database()),
                            List.of(),
                            task.manifest().file().contentBytes());
            server.stopInGoodOrder();
            return contents;
        }
    }

    private void replayed(SpareServer server, Map<String, String> configuration, String superuser) throws IOException {
        try {
            server.start(configuration, superuser);
            awaitPromotion(server, superuser);
        } catch (Failure e) {
            if (server.log().contains("recovery ended before configured recovery target was reached")) {
                throw new Failure(
                        Code.TOOL_FAILED,
                        "the archived write-ahead log does not reach the point asked for: " + server.log(),
                        e);
            }
            throw e;
        }
    }

    private static Map<String, String> spare(Path folder) {
        return Map.of(
                "data_directory", folder.toString(),
                "ident_file", folder.resolve("upkeep_ident.conf").toString(),
                "logging_collector", "off",
                "log_destination", "stderr",
                "external_pid_file", "",
                "shared_buffers", "64MB",
                "huge_pages", "off",
                "autovacuum", "off",
                "synchronous_standby_names", "");
    }

    private static String recoverySettings(PointInTime until, String restoreCommand) {
        String target = until.time()
                .map(time -> "recovery_target_time = '" + TIME.format(time) + "'")
                .or(() -> until.lsn().map(lsn -> "recovery_target_lsn = '" + lsn + "'"))
                .orElseGet(() -> "recovery_target_name = '" + until.name().orElse("") + "'");
        return "\nrestore_command = '" + restoreCommand + "'\n" + target
                + "\nrecovery_target_inclusive = on\nrecovery_target_action = 'promote'\n";
    }

    private void awaitPromotion(SpareServer server, String superuser) throws IOException {
        while (true) {
            task.pump().goOn();
            if (!server.isRunning()) {
                throw new Failure(
                        Code.TOOL_FAILED,
                        "the write-ahead log does not reach the point asked for, or cannot be read: " + server.log());
            }
            try {
                if (server.sql(superuser, "template1", "SELECT pg_is_in_recovery()")
                        .equals("f")) {
                    return;
                }
            } catch (Failure notNow) {
                if (server.isRunning()) {
                    Program.pause(LOOK);
                }
            }
            task.attempt().progress(55, Optional.empty(), "replaying the write-ahead log");
            Program.pause(LOOK);
        }
    }

    /** Brings all files of a folder to disk. */
    void sync(Path folder) {
        ProgramOrder order = new ProgramOrder(
                client.program("initdb"),
                List.of("--sync-only", "--pgdata=" + folder),
                Map.of(),
                List.of(),
                ServerAccount.of(settings).privileges(folder),
                true);
        try (Program initdb = Program.start(order)) {
            initdb.await(Duration.ofHours(1));
        }
    }
}
