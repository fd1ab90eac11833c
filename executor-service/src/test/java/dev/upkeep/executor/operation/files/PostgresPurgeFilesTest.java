package dev.upkeep.executor.operation.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresPurgeFilesTest {
    private final Instant later = Instant.now().plus(Duration.ofDays(100));
    private final PostgresFixture database = PostgresFixture.create();

    @TempDir
    Path folder;

    private Path root;
    private PayloadStores stores;

    @BeforeEach
    void fill() throws Exception {
        root = Files.createDirectory(folder.toRealPath().resolve("payloads"));
        database.sql("CREATE SCHEMA audit", "CREATE TABLE audit.artifacts (id int PRIMARY KEY, \"the path\" text)");
        for (int i = 0; i < 20; i++) {
            Files.writeString(root.resolve(i + ".bin"), "payload " + i);
            database.sql("INSERT INTO audit.artifacts VALUES (" + i + ", '" + i + ".bin'), (" + (i + 100) + ", NULL)");
        }
        Files.writeString(root.resolve("lost.bin"), "lost");
        stores = new PayloadStores(Map.of(
                "payloads",
                new PayloadStore(
                        database.database().id(),
                        root,
                        TableName.parse("audit.artifacts"),
                        ColumnName.parse("\"the path\""),
                        PayloadStore.Form.RELATIVE,
                        Duration.ofDays(1))));
    }

    @Test
    void putsFilesWithoutARowIntoQuarantineAndGivesThemBack() throws Exception {
        PurgeFiles task = new PurgeFiles(
                "payloads", Duration.ofDays(90), Optional.of(Duration.ofMillis(1)), Optional.empty(), Optional.empty());
        Order<PurgeFiles> order = new Order<>(new CommandId("test/files"), task, later, false, Optional.empty());

        Done done = new PostgresPurgeFiles(stores).perform(order, database.database(), new CalmAttempt());

        PurgeFiles.Report report = (PurgeFiles.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.quarantined().count()).isEqualTo(1);
        assertThat(root.resolve("lost.bin")).doesNotExist();
        assertThat(root.resolve("0.bin")).exists();

        RestoreFiles restore = new RestoreFiles("payloads", report.receipt().orElseThrow());
        new PostgresRestoreFiles(stores)
                .perform(
                        new Order<>(new CommandId("test/files"), restore, later, false, Optional.empty()),
                        database.database(),
                        new CalmAttempt());
        assertThat(root.resolve("lost.bin")).hasContent("lost");
    }
}
