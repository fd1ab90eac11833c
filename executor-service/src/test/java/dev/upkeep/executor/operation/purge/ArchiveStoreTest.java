package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.store.LocalS3;
import dev.upkeep.executor.operation.store.ObjectStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of purges in an S3-compatible store. */
class ArchiveStoreTest {
    private static final int HALTED = 137;

    @TempDir
    Path folder;

    LocalS3 server;
    ObjectStore store;
    SqliteSite site;

    @BeforeEach
    void fill() throws Exception {
        server = LocalS3.in(folder.resolve("objects"));
        store = server.store();
        site = new SqliteSite(folder);
        site.archives = new ArchiveStore(() -> Optional.of(store));
        site.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY, created_at TEXT)");
        fill(1, 100);
    }

    @AfterEach
    void end() throws Exception {
        site.close();
        server.end();
    }

    private void fill(int from, int to) throws Exception {
        StringBuilder rows =
                new StringBuilder("INSERT INTO parents VALUES (").append(-from).append(", '2026-11-01T00:00:00Z')");
        for (int i = from; i <= to; i++) {
            rows.append(", (").append(i).append(", '2026-01-01T00:00:00Z')");
        }
        site.execute(rows.toString());
    }

    private Done purge() throws Exception {
        return site.purge(Site.archiving(Site.rule("parents", "created_at")));
    }

    private List<String> filesHere() throws IOException {
        try (Stream<Path> files = Files.walk(site.directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private String key(String receipt, String file) {
        return "archives/app/" + receipt + "/" + file;
    }

    @Test
    void keepsPartsOnlyInTheStoreAndBringsThemBack() throws Exception {
        Done done = purge();

        String receipt = Site.report(done).receipt().orElseThrow();
        assertThat(done.findings()).extracting(Finding::check).doesNotContain("archive-not-copied");
        assertThat(store.list(""))
                .containsOnlyKeys(
                        key(receipt, "batches.jsonl"),
                        key(receipt, "part-00001.jsonl.zst"),
                        key(receipt, "receipt.json"));
        assertThat(filesHere()).containsExactly("batches.jsonl", "copied.json", "receipt.json");

        site.restore(receipt);

        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("101");
        assertThat(filesHere()).containsExactly("batches.jsonl", "copied.json", "receipt.json");
    }

    @Test
    void bringsRowsBackOnAHostThatLostItsArchiveFolder() throws Exception {
        String receipt = Site.report(purge()).receipt().orElseThrow();
        try (Stream<Path> all = Files.walk(site.directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }

        site.restore(receipt);

        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("101");
    }

    @Test
    void purgesAndSaysSoWhenTheStoreIsAwayAndCopiesTheNextTime() throws Exception {
        server.goAway();

        Done done = purge();

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.findings()).extracting(Finding::check).containsExactly("archive-not-copied");
        assertThat(filesHere()).contains("part-00001.jsonl.zst");
        server.comeBack();
        site.execute("DELETE FROM parents");
        Done nothing = purge();
        assertThat(nothing.findings()).isEmpty();
        assertThat(store.list("")).hasSize(3);
        assertThat(filesHere()).doesNotContain("part-00001.jsonl.zst");
        site.restore(Site.report(done).receipt().orElseThrow());
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("100");
    }

    @Test
    void stopsInTheMiddleOfAPartWhenTheWindowCloses() throws Exception {
        site.execute("ALTER TABLE parents ADD COLUMN body BLOB", "UPDATE parents SET body = randomblob(40000)");
        server.goAway();
        Done done = purge();
        server.comeBack();
        AtomicInteger asked = new AtomicInteger();
        FreeAttempt closing = new FreeAttempt() {
            @Override
            public Optional<Stop> stop() {
                return asked.incrementAndGet() < 4 ? Optional.empty() : Optional.of(Stop.DEADLINE);
            }
        };

        Done stopped =
                site.archives.after(Done.succeeded("done", List.of(), List.of()), site.directory, Site.ID, closing);

        assertThat(stopped.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.toString())
                        .contains("part-00001.jsonl.zst is not copied yet: the purge had to stop"));
        assertThat(store.list("")).isEmpty();
        assertThat(filesHere()).contains("part-00001.jsonl.zst");
        purge();
        assertThat(store.list("")).containsKey(key(Site.report(done).receipt().orElseThrow(), "part-00001.jsonl.zst"));
    }

    @Test
    void copiesEveryPartOfAnArchiveInCsvAndBringsItsRowsBack() throws Exception {
        site.execute(
                "CREATE TABLE children (parent INTEGER REFERENCES parents, body)",
                "CREATE INDEX children_parent ON children (parent)",
                "INSERT INTO children SELECT id, NULLIF(id, 7) FROM parents WHERE id > 0");
        List<String> children = site.column("SELECT parent || quote(body) FROM children ORDER BY parent");

        String receipt = Site.report(site.purge(Site.archiving(Purge.Archive.CSV, Site.rule("parents", "created_at"))))
                .receipt()
                .orElseThrow();

        assertThat(store.list(""))
                .containsOnlyKeys(
                        key(receipt, "batches.jsonl"),
                        key(receipt, "part-00001.csv.zst"),
                        key(receipt, "part-00002.csv.zst"),
                        key(receipt, "receipt.json"));
        assertThat(site.column("SELECT parent FROM children")).isEmpty();
        site.restore(receipt);
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("101");
        assertThat(site.column("SELECT parent || quote(body) FROM children ORDER BY parent"))
                .isEqualTo(children);
    }

    @Test
    void bringsNothingBackFromAPartThatWasChanged() throws Exception {
        String receipt = Site.report(purge()).receipt().orElseThrow();
        try (RandomAccessFile part = new RandomAccessFile(
                server.file(key(receipt, "part-00001.jsonl.zst")).toFile(), "rw")) {
            part.seek(20);
            int old = part.read();
            part.seek(20);
            part.write(old ^ 1);
        }

        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(receipt));

        assertThat(failure.reason().code()).isEqualTo(Code.CORRUPT);
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("1");
        assertThat(filesHere()).containsExactly("batches.jsonl", "copied.json", "receipt.json");
    }

    @Test
    void keepsTheWholePartInTheStoreWhenARestoreLeftATornOneHere() throws Exception {
        String receipt = Site.report(purge()).receipt().orElseThrow();
        Path torn = Receipt.folder(site.directory, Site.ID).resolve(receipt).resolve("part-00001.jsonl.zst");
        Files.write(torn, new byte[10]);

        Done next = purge();

        assertThat(next.findings()).extracting(Finding::check).doesNotContain("archive-not-copied");
        assertThat(torn).doesNotExist();
        Files.write(torn, new byte[10]);
        site.restore(receipt);
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("101");
    }

    @Test
    void keepsADamagedPartHereAndCopiesTheOthers() throws Exception {
        server.goAway();
        String damaged = Site.report(purge()).receipt().orElseThrow();
        Path part = Receipt.folder(site.directory, Site.ID).resolve(damaged).resolve("part-00001.jsonl.zst");
        byte[] bytes = Files.readAllBytes(part);
        bytes[20] ^= 1;
        Files.write(part, bytes);
        server.comeBack();
        fill(101, 120);

        Done next = site.perform(
                Site.order(Site.archiving(Site.rule("parents", "created_at")), Site.AS_OF.plusSeconds(1)),
                new FreeAttempt());

        assertThat(next.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(next.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("archive-not-copied");
            assertThat(finding.toString()).contains("is damaged");
        });
        assertThat(part).exists();
        String copied = Site.report(next).receipt().orElseThrow();
        assertThat(store.list("")).containsKey(key(copied, "part-00001.jsonl.zst"));
        assertThat(store.list("")).doesNotContainKey(key(damaged, "part-00001.jsonl.zst"));
    }

    @Test
    void doesNotTakeAnArchiveWithoutItsListForAnEmptyOne() throws Exception {
        String receipt = Site.report(purge()).receipt().orElseThrow();
        Path here = Receipt.folder(site.directory, Site.ID).resolve(receipt);
        Files.delete(here.resolve("receipt.json"));
        Files.delete(server.file(key(receipt, "batches.jsonl")));

        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(receipt));

        assertThat(failure.reason().code()).isEqualTo(Code.CORRUPT);
        assertThat(failure.getMessage()).contains("batches.jsonl is missing");
        assertThat(here.resolve("receipt.json")).doesNotExist();
    }

    @Test
    void losesNothingWhenItDiesBetweenTheCopyAndTheRemoval() throws Exception {
        Purge purge = Site.archiving(Site.rule("parents", "created_at"));
        Process process = PurgeMain.start(
                site,
                purge,
                "archive-copied",
                site.directory.toString(),
                site.file().toString(),
                Integer.toString(server.port()));

        assertThat(process.waitFor()).isEqualTo(HALTED);
        assertThat(filesHere()).contains("part-00001.jsonl.zst");
        assertThat(store.list("")).hasSize(3);
        // the same command again, with more to delete
        fill(101, 120);
        Done again = site.perform(Site.order(purge, Site.AS_OF), new FreeAttempt());
        assertThat(filesHere()).containsExactly("batches.jsonl", "copied.json", "receipt.json");
        site.restore(Site.report(again).receipt().orElseThrow());
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("122");
    }
}
