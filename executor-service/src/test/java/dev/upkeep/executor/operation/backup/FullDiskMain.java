package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An executor's process with its backups on a small disk: takes a backup, one that fills the disk half-way, one more when there
 * is room again, and prints what came of each.
 */
final class FullDiskMain {
    private FullDiskMain() {}

    public static void main(String[] arguments) throws Exception {
        Method method = Method.valueOf(arguments[0]);
        Path disk = Path.of(arguments[1]);
        Backups backups = Backups.in(disk.resolve("backups"));
        Database database = database(arguments);
        Taker taker = attempt -> take(method, backups, database, attempt);
        System.out.println("first\t" + taker.take(new FreeAttempt()));
        Path filler = disk.resolve("filler");
        AtomicBoolean isFull = new AtomicBoolean();
        // part of it is written by then
        FreeAttempt filling = new FreeAttempt().atProgress(() -> {
            if (isFull.compareAndSet(false, true)) {
                fill(filler);
            }
        });
        System.out.println("full\t" + taker.take(filling));
        FreeAttempt verifying = new FreeAttempt();
        System.out.println("verify\t" + verify(backups, database, verifying));
        System.out.println("names\t" + backups.names(database.id()).size());
        Files.delete(filler);
        System.out.println("again\t" + taker.take(new FreeAttempt()));
        System.out.println("verified\t"
                + backups.catalogue().list(database.id()).stream()
                        .filter(Manifest::isVerified)
                        .count());
    }

    private interface Taker {
        String take(FreeAttempt attempt) throws Exception;
    }

    private static Database database(String[] arguments) {
        if (arguments.length == 3) {
            return new SqliteDatabase(new DatabaseId("queue"), Map.of(), Path.of(arguments[2]));
        }
        return new PostgresDatabase(
                new DatabaseId("orders"),
                Map.of(),
                new PostgresAddress("127.0.0.1", Integer.parseInt(arguments[2]), arguments[3]),
                arguments[4],
                () -> Optional.of(arguments[5]),
                Map.of());
    }

    private static String take(Method method, Backups backups, Database database, Attempt attempt) throws Exception {
        Backup task = new Backup(
                Optional.of(method),
                method == Method.PHYSICAL ? Optional.empty() : Optional.of(Backup.Compression.NONE),
                Optional.empty());
        try {
            Done done = database instanceof SqliteDatabase sqlite
                    ? new SqliteBackup(backups.taking()).perform(Backups.order(task), sqlite, attempt)
                    : new PostgresBackup(backups, backups.taking())
                            .perform(Backups.order(task), (PostgresDatabase) database, attempt);
            return done.outcome().name();
        } catch (Failure e) {
            return e.reason().code() + " " + e.reason().message();
        }
    }

    private static String verify(Backups backups, Database database, Attempt attempt) throws Exception {
        try {
            Done done = new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                    .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, attempt);
            return done.outcome().name() + " " + done.findings().size();
        } catch (Failure e) {
            return e.reason().code().name();
        }
    }

    private static void fill(Path filler) {
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] bytes = new byte[4096];
            while (true) {
                out.write(bytes);
            }
        } catch (IOException diskIsFull) {
            // which was wanted
        }
    }

    /** Runs it in a mount namespace of its own, with a small disk at this place. */
    static Process start(Path disk, String size, String... arguments) throws Exception {
        String java = String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp \"$CP\"",
                FullDiskMain.class.getName(),
                String.join(" ", List.of(arguments)));
        ProcessBuilder builder = new ProcessBuilder(
                "unshare", "-rm", "sh", "-ec", "mount -t tmpfs -o size=" + size + " none " + disk + "\n" + java);
        builder.environment().put("CP", System.getProperty("java.class.path"));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
