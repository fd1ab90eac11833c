package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An executor that dies in the middle of a purge, by the operating system's account. */
abstract class PurgeCrashContract {
    private static final int HALTED = 137;

    @TempDir
    Path folder;

    Site site;

    abstract Site open(Path folder) throws Exception;

    /** What {@link PurgeMain} needs to find the database. */
    abstract String[] arguments();

    @BeforeEach
    void fill() throws Exception {
        site = open(folder);
        site.with("batch-rows", "25");
        site.execute(
                "CREATE TABLE parents (id ${id}, created_at ${time})",
                "CREATE TABLE children (parent ${big} REFERENCES parents, body TEXT)",
                "CREATE INDEX children_parent ON children (parent)");
        StringBuilder parents = new StringBuilder("INSERT INTO parents VALUES (0, '2026-11-01T00:00:00Z')");
        StringBuilder children = new StringBuilder("INSERT INTO children VALUES (0, 'stays')");
        for (int i = 1; i <= 100; i++) {
            parents.append(", (").append(i).append(", '2026-01-01T00:00:00Z')");
            // twice the same: the table has no key
            children.append(", (").append(i).append(", 'twin'), (").append(i).append(", 'twin')");
        }
        site.execute(parents.toString(), children.toString());
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    @ParameterizedTest
    @CsvSource({
        "JSON_LINES, plain, purge-begun:3",
        "JSON_LINES, plain, purge-deleted:2",
        "JSON_LINES, plain, purge-archived:2",
        "JSON_LINES, plain, purge-committed:2",
        "JSON_LINES, encrypted, purge-deleted:2",
        "JSON_LINES, encrypted, purge-archived:2",
        "CSV, plain, purge-archived:2",
        "CSV, plain, purge-committed:2",
        "CSV, encrypted, purge-archived:2",
        "CSV, encrypted, purge-committed:2"
    })
    void losesNoRowWithoutAnArchivedCopyWhereverItDies(Purge.Archive format, String how, String place)
            throws Exception {
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        site.with("recipients", how.equals("encrypted") ? pair.getPublic().toString() : "")
                .with("identity-file", Site.identity(folder, pair).toString());
        Purge purge = Site.archiving(format, Site.rule("parents", "created_at"));
        Process process = PurgeMain.start(site, purge, place, arguments());

        assertThat(process.waitFor()).isEqualTo(HALTED);
        Set<String> left = new HashSet<>(site.column("SELECT id FROM parents"));
        Set<String> archived = archivedParents();
        for (int i = 0; i <= 100; i++) {
            assertThat(left.contains(Integer.toString(i)) || archived.contains(Integer.toString(i)))
                    .as("parent %d", i)
                    .isTrue();
        }
        assertThat(left).contains("0").hasSizeBetween(2, 101);

        Done done = site.perform(Site.order(purge, Site.AS_OF), new FreeAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column("SELECT id FROM parents")).containsExactly("0");
        assertThat(site.column("SELECT body FROM children")).containsExactly("stays");
        assertThat(partials()).isEmpty();

        site.restore(Site.report(done).receipt().orElseThrow());

        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("101");
        assertThat(site.column("SELECT count(*) FROM children")).containsExactly("201");
        assertThat(site.column("SELECT count(*) FROM children GROUP BY parent HAVING count(*) <> 2"))
                .containsExactly("1");
    }

    private Set<String> archivedParents() throws Exception {
        Set<String> ids = new HashSet<>();
        for (Path receipt : receipts()) {
            ArchiveReader reader = new ArchiveReader(
                    receipt, Receipt.read(receipt).orElseThrow().engine(), PurgeConfig.keys(site.config()));
            for (int batch = 0; batch < reader.batches(); batch++) {
                reader.batch(batch).stream()
                        .filter(line -> line.table().endsWith("parents"))
                        .forEach(line -> ids.add(line.json().replaceAll("^\\{\"id\":\"?(\\d+)\"?,.*", "$1")));
            }
        }
        return ids;
    }

    private List<Path> receipts() throws Exception {
        Path database = Receipt.folder(site.directory, Site.ID);
        if (!Files.exists(database)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(database)) {
            return folders.toList();
        }
    }

    private List<Path> partials() throws Exception {
        try (Stream<Path> files = Files.walk(site.directory)) {
            return files.filter(file -> file.toString().endsWith(".partial")).toList();
        }
    }
}
