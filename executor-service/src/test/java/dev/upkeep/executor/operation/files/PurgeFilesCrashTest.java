package dev.upkeep.executor.operation.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.sqlite.Application;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An executor that dies while it purges files: every payload is in its place or listed in quarantine, and comes back byte for byte. */
class PurgeFilesCrashTest {
    private static final int HALTED = 137;
    private static final int LOST = 30;

    private final Instant later = Instant.now().plus(Duration.ofDays(100));

    @TempDir
    Path folder;

    private Path root;
    private Application application;
    private final Map<String, String> contents = new TreeMap<>();

    @BeforeEach
    void fill() throws Exception {
        root = Files.createDirectory(folder.toRealPath().resolve("payloads"));
        application = new Application(folder.resolve("audit.db"))
                .run("PRAGMA journal_mode = WAL", "CREATE TABLE artifacts (id INTEGER PRIMARY KEY, path TEXT)");
        for (int i = 0; i < LOST; i++) {
            payload("lost/a " + i % 4 + "/" + i + ".bin");
            payload("kept/" + i + ".bin");
            application.run("INSERT INTO artifacts (path) VALUES ('kept/" + i + ".bin')");
        }
    }

    @AfterEach
    void close() throws Exception {
        application.close();
    }

    private void payload(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        contents.put(path, "payload of " + path);
        Files.writeString(file, "payload of " + path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"files-intended", "file-moved", "file-moved:17", "file-moved:30"})
    void losesNothingWhereverItDies(String place) throws Exception {
        assertThat(dieAt(place, later)).isEqualTo(HALTED);

        assertThat(inPlaceOrQuarantine()).isEqualTo(contents);
        Done again = purge(later);
        PurgeFiles.Report report = (PurgeFiles.Report) again.report().orElseThrow();
        assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.quarantined().count()).isEqualTo(LOST);
        assertThat(inPlaceOrQuarantine()).isEqualTo(contents);
        restore(report.receipt().orElseThrow());
        assertThat(inPlace()).isEqualTo(contents);
    }

    @Test
    void putsAFileBackThatGainedARowWhileTheExecutorWasDead() throws Exception {
        assertThat(dieAt("file-moved:30", later)).isEqualTo(HALTED);
        application.run("INSERT INTO artifacts (path) VALUES ('lost/a 1/5.bin')");

        PurgeFiles.Report report = (PurgeFiles.Report) purge(later).report().orElseThrow();

        assertThat(root.resolve("lost/a 1/5.bin")).hasContent("payload of lost/a 1/5.bin");
        assertThat(report.saved()).isEqualTo(1);
        assertThat(report.missing()).isZero();
        assertThat(report.quarantined().count()).isEqualTo(LOST - 1);
    }

    @Test
    void removesNothingForGoodThatHasARowByThen() throws Exception {
        purge(later);
        application.run("INSERT INTO artifacts (path) VALUES ('lost/a 1/5.bin')");

        PurgeFiles.Report report = (PurgeFiles.Report)
                purge(later.plus(Duration.ofDays(8))).report().orElseThrow();

        assertThat(root.resolve("lost/a 1/5.bin")).hasContent("payload of lost/a 1/5.bin");
        assertThat(report.expired().count()).isEqualTo(LOST - 1);
    }

    @Test
    void finishesARemovalThatItDiedIn() throws Exception {
        purge(later);
        Instant over = later.plus(Duration.ofDays(8));
        assertThat(dieAt("file-removed:9", over)).isEqualTo(HALTED);

        PurgeFiles.Report report = (PurgeFiles.Report) purge(over).report().orElseThrow();

        assertThat(report.expired().count()).isEqualTo(LOST - 9);
        assertThat(root.resolve(Quarantine.FOLDER)).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"at\":\"2026-11-2", "{\"at\":\"2026-11-21T00:00:00Z\",\"path\":\"lost/\u00e4"})
    void losesOnlyTheLineThatACrashTore(String torn) throws Exception {
        payload("first.bin");
        PurgeFiles.Report first = (PurgeFiles.Report) purge(later).report().orElseThrow();
        String receipt = first.receipt().orElseThrow();
        byte[] line = torn.getBytes(StandardCharsets.UTF_8);
        try (var list = Files.newOutputStream(
                root.resolve(Quarantine.FOLDER).resolve(receipt + ".jsonl"), StandardOpenOption.APPEND)) {
            list.write(line, 0, line.length - 1); // in the middle of the letter, in the second case
        }
        payload("second.bin");

        purge(later);

        assertThat(new Quarantine(root).entries(receipt)).hasSize(LOST + 2).containsKeys("first.bin", "second.bin");
        restore(receipt);
        assertThat(inPlace()).isEqualTo(contents);
    }

    private int dieAt(String place, Instant asOf) throws Exception {
        return PurgeFilesMain.start(place, root, folder.resolve("audit.db"), asOf)
                .waitFor();
    }

    private Done purge(Instant asOf) throws Exception {
        return PurgeFilesMain.purge(root, application.database(), asOf);
    }

    private void restore(String receipt) throws Exception {
        Done done = new SqliteRestoreFiles(PurgeFilesMain.stores(root))
                .perform(
                        Application.order(new RestoreFiles("payloads", receipt)),
                        application.database(),
                        new CalmAttempt());
        assertThat(((RestoreFiles.Report) done.report().orElseThrow()).left()).isZero();
    }

    private Map<String, String> inPlace() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.startsWith(root.resolve(Quarantine.FOLDER))) {
                    found.put(root.relativize(file).toString(), Files.readString(file));
                }
            }
        }
        return found;
    }

    private Map<String, String> inPlaceOrQuarantine() throws IOException {
        Map<String, String> found = inPlace();
        Quarantine quarantine = new Quarantine(root);
        for (String receipt : quarantine.receipts()) {
            for (ReceiptList.Entry entry : quarantine.entries(receipt).values()) {
                Path file = root.resolve(Quarantine.FOLDER).resolve(receipt).resolve(entry.name());
                assertThat(found.put(entry.path(), Files.readString(file)))
                        .as("%s is in its place, too", entry.path())
                        .isNull();
            }
        }
        return found;
    }
}
