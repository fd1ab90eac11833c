package dev.upkeep.executor.operation.health;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.sqlite.Application;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Breaks a small disk in several ways, looks at a database on it each time, and prints the findings about the disk. */
final class DiskMain {
    private static final int MIB = 1024 * 1024;

    private final Path disk;
    private final Path ballast;
    private final SteppingClock clock = new SteppingClock(Application.NOW);
    private final SqliteHealth health = new SqliteHealth(
            ExecutorThresholds.none(), new HealthMemory(new HostDisks(Map.of(), clock)), id -> Optional.empty());

    private DiskMain(Path disk) {
        this.disk = disk;
        this.ballast = disk.resolve("ballast");
    }

    public static void main(String[] arguments) throws Exception {
        new DiskMain(Path.of(arguments[0])).run();
    }

    private void run() throws Exception {
        Path file = disk.resolve("queue.db");
        new Application(file).fill("t", 10).close();
        say("new", file);
        clock.pass(Duration.ofHours(2));
        fill(8);
        say("two hours and 8 MiB later", file);
        clock.pass(Duration.ofHours(25));
        say("a day later", file);
        clock.pass(Duration.ofHours(2));
        fill(27.5);
        say("85 % full", file);
        fill(30.5);
        say("95 % full", file);
        Files.delete(ballast);
        clock.pass(Duration.ofHours(30));
        say("emptied", file);
        take(85);
        say("85 inodes of 100", file);
        take(95);
        say("95 inodes of 100", file);
        for (int i = 0; i < 100; i++) {
            Files.deleteIfExists(disk.resolve("small-" + i));
        }
        clock.pass(Duration.ofMinutes(1));
        say("emptied", file);
    }

    private void fill(double mebibytes) throws IOException {
        Files.write(ballast, new byte[(int) (mebibytes * MIB)]);
    }

    /** The root and the database take two. */
    private void take(int inodes) throws IOException {
        for (int i = 0; i < inodes - 2; i++) {
            Files.write(disk.resolve("small-" + i), new byte[0]);
        }
        clock.pass(Duration.ofMinutes(1));
    }

    private void say(String when, Path file) throws Exception {
        String found = health
                .perform(Application.order(HealthCheck.quick()), Application.database(file), new CalmAttempt())
                .findings()
                .stream()
                .filter(finding -> finding.object().equals(disk.toString()))
                .map(DiskMain::inShort)
                .sorted()
                .collect(Collectors.joining(", "));
        System.out.println(when + ": " + found);
    }

    private static String inShort(Finding finding) {
        return finding.check() + " " + finding.severity();
    }
}
