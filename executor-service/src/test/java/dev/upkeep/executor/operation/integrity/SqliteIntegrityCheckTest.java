package dev.upkeep.executor.operation.integrity;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.common.task.IntegrityCheck.Depth;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.sqlite.HolderProcess;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqliteIntegrityCheckTest {
    private final SqliteIntegrityCheck check = new SqliteIntegrityCheck();
    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Path file;
    private Application application;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("audit.db");
        application = new Application(file).run("PRAGMA journal_mode = WAL").fill("events", 5_000);
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @ParameterizedTest
    @EnumSource(Depth.class)
    void findsNothingInASoundFile(Depth depth) throws Exception {
        Done done = perform(depth);

        IntegrityCheck.Report report = (IntegrityCheck.Report) done.report().orElseThrow();
        assertThat(done.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(2);
        assertThat(report.means())
                .containsExactly(depth == Depth.FULL ? "integrity_check" : "quick_check", "foreign_key_check");
    }

    @ParameterizedTest
    @EnumSource(Depth.class)
    void findsADamagedPage(Depth depth) throws Exception {
        application.run("PRAGMA wal_checkpoint(TRUNCATE)").close();
        overwrite(30);

        Done done = perform(depth);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.findings()).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("integrity");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        });
    }

    @Test
    void findsAnIndexThatMissesARowOnlyWhenItLooksFully() throws Exception {
        long root = application.number("SELECT rootpage FROM sqlite_schema WHERE name = 'events_at'");
        application.run(
                "PRAGMA writable_schema = ON",
                "CREATE INDEX other ON events (text)",
                "UPDATE sqlite_schema SET rootpage = " + root + " WHERE name = 'other'");
        application.close();

        assertThat(perform(Depth.FULL).findings())
                .isNotEmpty()
                .extracting(Finding::severity)
                .containsOnly(Severity.CRITICAL);
    }

    @Test
    void findsRowsWithoutTheirParent() throws Exception {
        application.run(
                "PRAGMA foreign_keys = OFF",
                "CREATE TABLE child (id INTEGER PRIMARY KEY, event_id REFERENCES events (id))",
                "INSERT INTO child (event_id) VALUES (1), (777777)");

        assertThat(perform(Depth.QUICK).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("child to events");
            assertThat(finding.value()).isEqualTo("1 rows without their parent");
        });
    }

    @Test
    void checksACopyOfALargeFileThatOthersUse() throws Exception {
        application.fill("events", 500_000).run("PRAGMA wal_checkpoint(TRUNCATE)");
        long folders = temporaryFolders();
        try (HolderProcess other = new HolderProcess(file, "SELECT count(*) FROM events")) {
            Done done = perform(Depth.QUICK);

            assertThat(other.pid()).isPositive();
            assertThat(done.findings()).isEmpty();
            assertThat(((IntegrityCheck.Report) done.report().orElseThrow()).means())
                    .contains("a copy, since others use the file");
            assertThat(temporaryFolders()).isEqualTo(folders);
        }
    }

    @Test
    void refusesATableThatIsNotThere() throws Exception {
        Done done = check.perform(
                order(new IntegrityCheck(Optional.empty(), List.of(TableName.parse("gone")))),
                application.database(),
                attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
    }

    private Done perform(Depth depth) throws Exception {
        return check.perform(order(new IntegrityCheck(Optional.of(depth), List.of())), application.database(), attempt);
    }

    private void overwrite(int page) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(4096L * page);
            bytes.write(new byte[4096]);
        }
    }

    private static long temporaryFolders() throws Exception {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(path -> path.getFileName().toString().startsWith("upkeep-check-"))
                    .count();
        }
    }
}
