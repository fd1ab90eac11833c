package dev.upkeep.executor.operation.files;

import static dev.upkeep.executor.operation.sqlite.Application.dryRun;
import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.Application;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Change times cannot be set back, so the tests let the command be a hundred days from now. */
class PurgeFilesTest {
    private final Instant later = Instant.now().plus(Duration.ofDays(100));

    private final CalmAttempt attempt = new CalmAttempt();

    @TempDir
    Path folder;

    private Path root;
    private Application application;

    @BeforeEach
    void fill() throws Exception {
        root = Files.createDirectory(folder.toRealPath().resolve("payloads"));
        application = new Application(folder.resolve("audit.db"))
                .run("PRAGMA journal_mode = WAL", "CREATE TABLE artifacts (id INTEGER PRIMARY KEY, path TEXT)");
        for (int i = 0; i < 20; i++) {
            payload("kept/" + i % 3 + "/" + i + ".bin");
            refer("kept/" + i % 3 + "/" + i + ".bin");
        }
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    @Test
    void putsOnlyFilesWithoutARowIntoQuarantine() throws Exception {
        payload("lost/a b\n.bin");
        payload("lost/ä?%#.bin");

        Done done = purge(task());

        PurgeFiles.Report report = report(done);
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.files().count()).isEqualTo(22);
        assertThat(report.orphans().count()).isEqualTo(2);
        assertThat(report.quarantined()).isEqualTo(report.orphans());
        assertThat(report.complete()).isTrue();
        assertThat(root.resolve("lost")).isEmptyDirectory();
        assertThat(payloads()).isEqualTo(20);
    }

    @Test
    void changesNothingOnADryRun() throws Exception {
        payload("lost.bin");

        Done done = sqlite().perform(at(dryRun(task()), later), application.database(), attempt);

        assertThat(report(done).quarantined().count()).isEqualTo(1);
        assertThat(root.resolve("lost.bin")).exists();
        assertThat(root.resolve(Quarantine.FOLDER)).doesNotExist();
    }

    @Test
    void sparesAFileThatGainsARowBetweenTheScans() throws Exception {
        payload("late.bin");
        payload("lost.bin");
        attempt.whenYielding(() -> quietly(() -> refer("late.bin")));

        Done done = purge(task());

        assertThat(root.resolve("late.bin")).exists();
        assertThat(root.resolve("lost.bin")).doesNotExist();
        assertThat(report(done).saved()).isEqualTo(1);
    }

    @Test
    void sparesAFileThatChangesBetweenTheScans() throws Exception {
        Path rewritten = payload("rewritten.bin");
        attempt.whenYielding(() -> quietly(() -> Files.writeString(rewritten, "new content")));

        Done done = purge(task());

        assertThat(rewritten).hasContent("new content");
        assertThat(report(done).quarantined().count()).isZero();
    }

    @Test
    void sparesYoungFiles() throws Exception {
        payload("young.bin");

        Done done = sqlite().perform(
                        at(order(task()), Instant.now().plus(Duration.ofDays(89))), application.database(), attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(root.resolve("young.bin")).exists();
    }

    @Test
    void sparesAFileWhoseContentIsOldButWhoseNameIsNew() throws Exception {
        Files.setLastModifiedTime(payload("moved-here.bin"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));

        sqlite().perform(at(order(task()), Instant.now().plus(Duration.ofDays(89))), application.database(), attempt);

        assertThat(root.resolve("moved-here.bin")).exists();
    }

    @Test
    void followsNoLinkOutOfTheRoot() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("precious.bin"), "precious");
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("file-link.bin"), outside.resolve("precious.bin"));
        Files.createLink(root.resolve("hard.bin"), outside.resolve("precious.bin"));

        Done done = purge(task());

        assertThat(outside.resolve("precious.bin")).hasContent("precious");
        assertThat(root.resolve("link")).isSymbolicLink();
        assertThat(root.resolve("file-link.bin")).isSymbolicLink();
        assertThat(root.resolve("hard.bin")).exists();
        assertThat(report(done).passedOver()).isEqualTo(3);
    }

    @Test
    void doesNotMoveThroughAFolderThatBecameALinkInTheMeantime() throws Exception {
        payload("batch/lost.bin");
        Path outside = Files.createDirectory(folder.resolve("outside"));
        attempt.whenYielding(() -> quietly(() -> {
            if (!Files.isSymbolicLink(root.resolve("batch"))) {
                Files.move(root.resolve("batch"), folder.resolve("moved"));
                Files.writeString(outside.resolve("lost.bin"), "precious");
                Files.createSymbolicLink(root.resolve("batch"), outside);
            }
        }));

        Done done = purge(task());

        assertThat(outside.resolve("lost.bin")).hasContent("precious");
        assertThat(report(done).quarantined().count()).isZero();
    }

    @Test
    void stopsWhenTheShareOfOrphansIsAbsurd() throws Exception {
        for (int i = 0; i < 180; i++) {
            payload("lost/" + i + ".bin");
        }

        Done done = purge(task());

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
        assertThat(done.reason().orElseThrow().message()).startsWith("180 of 200 files old enough have no row (90 %)");
        assertThat(payloads()).isEqualTo(200);
    }

    @Test
    void stopsWhenNoRowNamesAFile() throws Exception {
        application.run("DELETE FROM artifacts");

        assertThat(purge(task()).outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(payloads()).isEqualTo(20);
    }

    @Test
    void givesBackFromQuarantineByteForByte() throws Exception {
        Path lost = payload("deep/er/lost.bin");
        byte[] content = Files.readAllBytes(lost);
        FileTime modified = Files.getLastModifiedTime(lost);
        payload("again.bin");
        String receipt = report(purge(task())).receipt().orElseThrow();
        Files.writeString(root.resolve("again.bin"), "written anew");

        Done done = new SqliteRestoreFiles(stores(PayloadStore.Form.RELATIVE))
                .perform(order(new RestoreFiles("payloads", receipt)), application.database(), attempt);

        RestoreFiles.Report report = (RestoreFiles.Report) done.report().orElseThrow();
        assertThat(report.restored().count()).isEqualTo(1);
        assertThat(report.leftPaths()).containsExactly("again.bin");
        assertThat(lost).hasBinaryContent(content);
        assertThat(Files.getLastModifiedTime(lost)).isEqualTo(modified);
        assertThat(root.resolve("again.bin")).hasContent("written anew");
    }

    @Test
    void refusesAReceiptThatIsNotThere() throws Exception {
        Done done = new SqliteRestoreFiles(stores(PayloadStore.Form.RELATIVE))
                .perform(
                        order(new RestoreFiles("payloads", "20200101-000000-abcdef01")),
                        application.database(),
                        attempt);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).startsWith("receipt: 20200101-000000-abcdef01 (must be");
    }

    @Test
    void removesForGoodWhatHasBeenInQuarantineLongEnough() throws Exception {
        payload("lost.bin");
        String receipt = report(purge(task())).receipt().orElseThrow();

        Done before =
                sqlite().perform(at(order(task()), later.plus(Duration.ofDays(6))), application.database(), attempt);
        Done after =
                sqlite().perform(at(order(task()), later.plus(Duration.ofDays(8))), application.database(), attempt);

        assertThat(report(before).expired().count()).isZero();
        assertThat(report(after).expired().count()).isEqualTo(1);
        assertThat(root.resolve(Quarantine.FOLDER).resolve(receipt)).doesNotExist();
        assertThat(root.resolve(Quarantine.FOLDER)).isEmptyDirectory();
    }

    @Test
    void removesNothingForGoodWhileNoRowNamesAFile() throws Exception {
        payload("lost.bin");
        purge(task());
        emptyTableAndFolder();

        Done done =
                sqlite().perform(at(order(task()), later.plus(Duration.ofDays(8))), application.database(), attempt);

        assertThat(report(done).expired().count()).isZero();
        assertThat(done.findings()).extracting(Finding::check).containsExactly("quarantine-kept");
        try (Stream<Path> kept = Files.walk(root.resolve(Quarantine.FOLDER))) {
            assertThat(kept.filter(Files::isRegularFile))
                    .as("the list and the payload")
                    .hasSize(2);
        }
    }

    @Test
    void reportsRowsWhoseFileIsMissing() throws Exception {
        refer("gone.bin");
        refer("../outside.bin");

        Done done = purge(task());

        assertThat(report(done).missing()).isEqualTo(1);
        assertThat(done.findings()).singleElement().extracting(Finding::check).isEqualTo("missing-payload");
    }

    @ParameterizedTest
    @EnumSource(PayloadStore.Form.class)
    void understandsWhatTheColumnHolds(PayloadStore.Form form) throws Exception {
        application.run("DELETE FROM artifacts");
        Path named = payload("x/named.bin");
        Path other = payload("x/other.bin");
        refer(
                switch (form) {
                    case RELATIVE -> "./x/named.bin";
                    case ABSOLUTE -> named.toUri().toString();
                    case NAME -> "named.bin";
                });
        PurgeFiles task = new PurgeFiles(
                "payloads", Duration.ofDays(90), Optional.of(Duration.ofMillis(1)), Optional.empty(), Optional.of(1.0));

        new SqlitePurgeFiles(stores(form)).perform(at(order(task), later), application.database(), attempt);

        assertThat(named).exists();
        assertThat(other).doesNotExist();
    }

    @Test
    void goesOnWithTheSameReceiptWhenRepeated() throws Exception {
        payload("first.bin");
        String receipt = report(purge(task())).receipt().orElseThrow();
        payload("second.bin");

        assertThat(report(purge(task())).receipt()).contains(receipt);
        assertThat(new Quarantine(root).entries(receipt)).containsOnlyKeys("first.bin", "second.bin");
    }

    @Test
    void stopsBetweenTheScansWithNothingMoved() throws Exception {
        payload("lost.bin");
        attempt.whenYielding(() -> attempt.stop(Stop.DEADLINE));

        Done done = purge(task());

        assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(root.resolve("lost.bin")).exists();
    }

    @Test
    void refusesStoresAndAgesThatTheExecutorDoesNotAllow() throws Exception {
        PurgeFiles young =
                new PurgeFiles("payloads", Duration.ofMinutes(5), Optional.empty(), Optional.empty(), Optional.empty());
        PurgeFiles unknown =
                new PurgeFiles("other", Duration.ofDays(90), Optional.empty(), Optional.empty(), Optional.empty());

        assertThat(purge(young).reason().orElseThrow().message()).startsWith("minAge: PT5M (must be at least PT24H");
        assertThat(purge(unknown).reason().orElseThrow().message())
                .isEqualTo("store: other (must be a payload store of queue in the executor's configuration: payloads)");
    }

    private static PurgeFiles task() {
        return new PurgeFiles(
                "payloads", Duration.ofDays(90), Optional.of(Duration.ofMillis(1)), Optional.empty(), Optional.empty());
    }

    private Done purge(PurgeFiles task) throws Exception {
        return sqlite().perform(at(order(task), later), application.database(), attempt);
    }

    private SqlitePurgeFiles sqlite() {
        return new SqlitePurgeFiles(stores(PayloadStore.Form.RELATIVE));
    }

    private PayloadStores stores(PayloadStore.Form form) {
        return new PayloadStores(Map.of(
                "payloads",
                new PayloadStore(
                        new DatabaseId("queue"),
                        root,
                        TableName.parse("artifacts"),
                        ColumnName.parse("path"),
                        form,
                        Duration.ofDays(1))));
    }

    private static Order<PurgeFiles> at(Order<PurgeFiles> order, Instant asOf) {
        return new Order<>(order.command(), order.task(), asOf, order.dryRun(), order.planHash());
    }

    private Path payload(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "payload of " + path);
    }

    private void emptyTableAndFolder() throws IOException, SQLException {
        application.run("DELETE FROM artifacts");
        try (Stream<Path> kept = Files.walk(root.resolve("kept"))) {
            for (Path file : kept.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void refer(String path) throws SQLException {
        try (var insert = application.connection().prepareStatement("INSERT INTO artifacts (path) VALUES (?)")) {
            insert.setString(1, path);
            insert.executeUpdate();
        }
    }

    private long payloads() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(root.resolve(Quarantine.FOLDER)))
                    .count();
        }
    }

    private static PurgeFiles.Report report(Done done) {
        return (PurgeFiles.Report) done.report().orElseThrow();
    }

    private interface Action {
        void run() throws IOException, SQLException;
    }

    private static void quietly(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
