package dev.upkeep.executor.care;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.executor.care.MisfortuneMain.End;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.Confined;
import dev.upkeep.executor.operation.sqlite.HolderProcess;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that cannot be worked on as usual: every task ends with a code that says why and a message that names the file and the next step,
 * a health check with a finding, and the file is as it was.
 */
class SqliteMisfortuneTest {
    private static final Set<String> READERS =
            Set.of("health-check", "assess", "integrity-check", "checkpoint-restart", "checkpoint-truncate");

    @TempDir
    Path folder;

    @Test
    void aFileThatIsNoDatabaseOrEncryptedIsLeftAsItIs() throws Exception {
        Path file = Files.writeString(folder.resolve("queue.db"), "not a database ".repeat(5_000));

        Map<String, End> ends = everyTask(file);

        assertUnreachable(ends, "NOT_A_DATABASE", "see what " + file + " is: it was overwritten, or it is encrypted");
        assertThat(file).hasContent("not a database ".repeat(5_000));
        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
    }

    @Test
    void aFileThatIsGoneIsNotMadeAnew() throws Exception {
        Path file = folder.resolve("queue.db");

        Map<String, End> ends = everyTask(file);

        assertUnreachable(ends, "NO_SUCH_DATABASE", "bring " + file + " back");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderInPlaceOfTheFileIsNoDatabase() throws Exception {
        Path file = Files.createDirectory(folder.resolve("queue.db"));

        assertUnreachable(everyTask(file), "NO_SUCH_DATABASE", "there is no database file " + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void aFileOnAReadOnlyDiskIsReadAtMost(String journal) throws Exception {
        Path file = fill(journal, 50_000);
        byte[] before = Files.readAllBytes(file);

        Map<String, End> ends =
                confined("mount --bind %1$s %1$s; mount -o remount,bind,ro %1$s".formatted(folder), "", file);

        if (journal.equals("WAL")) {
            assertUnreachable(ends, "PERMISSION_DENIED", "on a disk that is not read-only");
        } else {
            assertEndings(ends, READERS::contains, "READ_ONLY", "on a disk that is not read-only");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aFileOfAnotherUserIsForbidden() throws Exception {
        Path file = fill("WAL", 1_000);
        Map<String, End> ends;
        if ((Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS) == 0) {
            // root in a namespace of its own has no power over the files of users that the namespace does not know
            Files.setAttribute(file, "unix:uid", 12_345);
            Files.setAttribute(file, "unix:gid", 12_345);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            ends = confined("", "", file);
        } else {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
            ends = everyTask(file);
        }

        assertUnreachable(ends, "PERMISSION_DENIED", "let the executor's user read and write " + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void aFullDiskStopsWhatWrites(String journal) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path saved = Files.createDirectory(folder.resolve("saved"));

        Map<String, End> ends =
                confined(smallDisk(journal, disk), save(disk, saved), disk.resolve("queue.db"), "fill-before");

        if (journal.equals("WAL")) {
            assertUnreachable(ends, "DISK_FULL", "make room on the disk of " + disk.resolve("queue.db"));
        } else {
            assertThat(ends.get("health-check").message()).startsWith("disk-used: 100 %");
            assertEndings(ends, READERS::contains, "DISK_FULL", "room");
        }
        assertWhole(saved);
    }

    @ParameterizedTest
    @ValueSource(strings = {"WAL", "DELETE"})
    void aDiskThatFillsUpMeanwhileLeavesTheFileWhole(String journal) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path saved = Files.createDirectory(folder.resolve("saved"));

        Map<String, End> ends = confined(
                smallDisk(journal, disk), save(disk, saved), disk.resolve("queue.db"), "fill-meanwhile", "vacuum");

        assertThat(ends.get("vacuum").outcome()).isEqualTo("FAILED");
        assertThat(ends.get("vacuum").code()).isEqualTo("DISK_FULL");
        assertThat(ends.get("vacuum").message()).contains("make room on the disk of " + disk.resolve("queue.db"));
        assertWhole(saved);
    }

    @Test
    void aFileThatIsHeldByALongReaderIsCaredForAllTheSame() throws Exception {
        Path file = folder.resolve("queue.db");
        try (Application application = SqliteCare.fill(file, "WAL", 20_000);
                HolderProcess reader = new HolderProcess(file, "BEGIN", "SELECT * FROM events")) {
            Map<String, End> ends = everyTask(file);

            for (String task : List.of("checkpoint-restart", "checkpoint-truncate")) {
                assertThat(ends.get(task).outcome()).as(task).isEqualTo("CONTENDED");
                assertThat(ends.get(task).message()).contains("process " + reader.pid());
                ends.remove(task);
            }
            assertThat(ends)
                    .allSatisfy((task, end) ->
                            assertThat(end.outcome()).as("%s: %s", task, end).isIn("SUCCEEDED", "NOTHING_TO_DO"));
            assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
        }
    }

    private Path fill(String journal, int rows) throws Exception {
        Path file = folder.resolve("queue.db");
        SqliteCare.fill(file, journal, rows).close();
        return file;
    }

    private String smallDisk(String journal, Path disk) throws Exception {
        return "mount -t tmpfs -o size=48m none %2$s; cp %1$s %2$s/queue.db".formatted(fill(journal, 50_000), disk);
    }

    /** Takes the file and its log away from the disk, which is gone with the process. */
    private static String save(Path disk, Path saved) {
        return "cp %1$s/queue.db* %2$s/".formatted(disk, saved);
    }

    private static void assertWhole(Path saved) throws Exception {
        try (Application application = new Application(saved.resolve("queue.db"))) {
            assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(application.number("SELECT count(*) FROM events")).isEqualTo(22_224);
        }
    }

    private static Map<String, End> confined(String script, String after, Path file, String... words) throws Exception {
        Map<String, End> ends = new LinkedHashMap<>();
        List<String> all =
                Stream.concat(Stream.of(file.toString()), Stream.of(words)).toList();
        for (String line : Confined.run(script, MisfortuneMain.class, all, after)) {
            String[] parts = line.split("\t", 4);
            if (parts.length == 4) {
                ends.put(parts[0], new End(parts[1], parts[2], parts[3]));
            }
        }
        return ends;
    }

    private static Map<String, End> everyTask(Path file) {
        Map<String, End> ends = new LinkedHashMap<>();
        new SqliteCare()
                .tasks()
                .forEach((name, task) ->
                        ends.put(name, MisfortuneMain.end(task, Application.database(file), new CalmAttempt())));
        return ends;
    }

    private static void assertUnreachable(Map<String, End> ends, String code, String message) {
        assertThat(ends.get("health-check").outcome()).isEqualTo("SUCCEEDED");
        assertThat(ends.get("health-check").message()).startsWith("reachable: ").contains(message);
        ends.remove("health-check");
        assertEndings(ends, task -> false, code, message);
    }

    /** What only reads succeeds, and what writes, if there is anything to write, fails. */
    private static void assertEndings(Map<String, End> ends, Predicate<String> reads, String code, String message) {
        assertThat(ends).hasSizeGreaterThan(10);
        ends.forEach((task, end) -> {
            if (reads.test(task)) {
                assertThat(end.outcome()).as("%s: %s", task, end).isIn("SUCCEEDED", "NOTHING_TO_DO");
            } else {
                assertThat(end.outcome()).as("%s: %s", task, end).isIn("FAILED", "REJECTED");
                assertThat(end.code()).as("%s: %s", task, end).isEqualTo(code);
                assertThat(end.message()).as(task).contains(message);
            }
        });
    }
}
