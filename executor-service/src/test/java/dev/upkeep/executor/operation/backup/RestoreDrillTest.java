package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreDrillTest {
    private static final RestoreDrill NEWEST = new RestoreDrill(Optional.empty(), Optional.empty());

    @TempDir
    Path folder;

    Backups backups;

    @BeforeEach
    void store() {
        backups = Backups.in(folder.resolve("backups"));
    }

    private Drilling drilling() {
        return new Drilling(backups, backups.catalogue());
    }

    private Done drill(PostgresDatabase database, FreeAttempt attempt) throws Exception {
        return new PostgresRestoreDrill(backups, new ContentChecks(backups), drilling())
                .perform(Backups.order(NEWEST), database, attempt);
    }

    @Test
    void provesAPostgresBackupWithAwkwardContent() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);

        Done done = drill(database, new FreeAttempt());

        RestoreDrill.Report report = (RestoreDrill.Report) done.report().orElseThrow();
        assertThat(report.differences()).isEmpty();
        assertThat(report.proven()).isTrue();
        assertThat(report.rows()).isEqualTo(407);
        assertThat(report.restoreTook()).isPositive();
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        assertThat(manifest.state()).isEqualTo(State.PROVEN);
        assertThat(backups.names(database.id())).containsExactly(manifest.name(), manifest.name() + ".json");
    }

    @Test
    void saysWhereARestoredCopyDiffers() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        Contents contents = manifest.contents().orElseThrow();
        Map<String, Contents.Table> tables = new java.util.TreeMap<>(contents.byTable());
        tables.put("public.secured", new Contents.Table(2, "another"));
        Manifest other = manifest.proven(Optional.empty(), manifest.takenAt());
        backups.catalogue()
                .put(new Manifest(
                        other.name(),
                        other.database(),
                        other.engine(),
                        other.method(),
                        State.VERIFIED,
                        other.command(),
                        other.takenAt(),
                        other.took(),
                        other.file(),
                        other.versions(),
                        Optional.of(
                                new Contents(contents.schemaHash(), contents.tables(), contents.rows() + 1, tables)),
                        other.verifiedAt(),
                        Optional.empty(),
                        Optional.empty()));

        Done done = drill(database, new FreeAttempt());

        assertThat(((RestoreDrill.Report) done.report().orElseThrow()).differences())
                .containsExactly("it has 407 rows instead of 408", "public.secured has 1 rows instead of 2");
        assertThat(done.findings()).hasSize(1);
        assertThat(backups.catalogue().newest(database.id())).isEmpty();
    }

    @Test
    void leavesNoServerAndNoFolderWhenItIsStopped() throws Exception {
        PostgresDatabase database = AwkwardContent.backedUp(backups);
        List<String> before = backups.names(database.id());
        FreeAttempt attempt = new FreeAttempt();
        attempt.whenYielding(() -> attempt.stop(Stop.DEADLINE));

        Failure failure = catchThrowableOfType(Failure.class, () -> drill(database, attempt));

        assertThat(failure.reason().code()).isEqualTo(Code.WINDOW_CLOSED);
        assertThat(backups.names(database.id())).isEqualTo(before);
        assertThat(ProcessHandle.current().children().flatMap(ProcessHandle::descendants))
                .noneMatch(process -> process.info().commandLine().orElse("").contains(folder.toString()));
    }

    @Test
    void provesASqliteBackupWithAwkwardContent() throws Exception {
        SqliteDatabase database = new SqliteDatabase(new DatabaseId("odd"), Map.of(), folder.resolve("odd file?.db"));
        AwkwardContent.fillSqlite(folder.resolve("plain.db"));
        java.nio.file.Files.move(folder.resolve("plain.db"), database.file());
        new SqliteBackup(backups.taking()).perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());

        Done done = new SqliteRestoreDrill(drilling()).perform(Backups.order(NEWEST), database, new FreeAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(((RestoreDrill.Report) done.report().orElseThrow()).differences())
                .isEmpty();
        Manifest manifest = backups.catalogue().list(database.id()).get(0);
        assertThat(manifest.state()).isEqualTo(State.PROVEN);
        Path copy = backups.unpack(manifest, folder.resolve("copy.db"));
        assertThat(SqliteBackupTest.number(copy, "SELECT count(*) FROM page WHERE page MATCH 'quick'"))
                .isEqualTo(1);
        assertThat(SqliteBackupTest.number(copy, "SELECT user_version FROM pragma_user_version"))
                .isEqualTo(42);
    }

    @Test
    void hasNothingToDrillWithoutAVerifiedBackup() throws Exception {
        SqliteDatabase database = new SqliteDatabase(new DatabaseId("none"), Map.of(), folder.resolve("none.db"));

        Done done = new SqliteRestoreDrill(drilling()).perform(Backups.order(NEWEST), database, new FreeAttempt());

        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.BACKUP_MISSING);
    }
}
