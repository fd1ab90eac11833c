package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.store.LocalS3;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An executor's process that takes one backup, for tests that kill it. */
final class BackupMain {
    private BackupMain() {}

    public static void main(String[] arguments) throws Exception {
        Backups backups = Backups.in(Path.of(arguments[1]));
        if (arguments[0].equals("sqlite")) {
            SqliteDatabase database = new SqliteDatabase(new DatabaseId("queue"), Map.of(), Path.of(arguments[2]));
            new SqliteBackup(backups.taking()).perform(Backups.order(Backups.keeping(2)), database, new FreeAttempt());
            return;
        }
        if (arguments[0].equals("restore-sqlite")) {
            new SqliteRestore(backups, new Restoring(backups, backups.catalogue()), new SqliteBackup(backups.taking()))
                    .perform(
                            Backups.order(Backups.into("copy")),
                            new SqliteDatabase(new DatabaseId("queue"), Map.of(), Path.of(arguments[2])),
                            new FreeAttempt());
            return;
        }
        if (arguments[0].equals("s3")) {
            Backups remote = backups.inStore(LocalS3.storeAt(Integer.parseInt(arguments[3])));
            SqliteDatabase database = new SqliteDatabase(new DatabaseId("shop/queue"), Map.of(), Path.of(arguments[2]));
            new SqliteBackup(remote.taking()).perform(Backups.order(Backups.keeping(2)), database, new FreeAttempt());
            return;
        }
        PostgresDatabase database = new PostgresDatabase(
                new DatabaseId("orders"),
                Map.of(),
                new PostgresAddress("127.0.0.1", Integer.parseInt(arguments[2]), arguments[3]),
                arguments[4],
                () -> Optional.of(arguments[5]),
                Map.of());
        if (arguments[0].equals("restore-postgresql")) {
            backups.postgresRestore().perform(Backups.order(Backups.into(arguments[6])), database, new FreeAttempt());
            return;
        }
        new PostgresBackup(
                        backups.clientsIn(Path.of(arguments[6])),
                        backups.clientsIn(Path.of(arguments[6])).taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
    }

    /** Starts it in a JVM of its own. */
    static Process start(List<String> options, String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), BackupMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
