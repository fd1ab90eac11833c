package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.ExpireBackups;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.store.LocalS3;
import dev.upkeep.executor.operation.store.ObjectStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups in an S3-compatible store. */
class S3BackupTest {
    private static final int HALTED = 137;
    private static final Backup IN_PARTS = Backups.uncompressed();

    @TempDir
    Path folder;

    LocalS3 server;
    ObjectStore store;
    Backups backups;
    SqliteDatabase database;

    @BeforeEach
    void queue() throws Exception {
        server = LocalS3.in(folder.resolve("objects"));
        store = server.store();
        backups = Backups.in(folder.resolve("work")).inStore(store);
        database = new SqliteDatabase(new DatabaseId("shop/queue"), Map.of(), folder.resolve("queue.db"));
        try (Connection connection = SqliteBackupTest.open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = wal");
            statement.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, payload BLOB)");
            // more than two parts, which cannot be compressed
            statement.execute(
                    "INSERT INTO task SELECT value, randomblob(1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]')");
        }
    }

    @AfterEach
    void stop() throws Exception {
        server.end();
    }

    private Done take(Backup task, FreeAttempt attempt) throws Exception {
        return new SqliteBackup(backups.taking()).perform(Backups.order(task), database, attempt);
    }

    private Manifest take() throws Exception {
        assertThat(take(IN_PARTS, new FreeAttempt()).outcome()).isEqualTo(Outcome.SUCCEEDED);
        return list().get(0);
    }

    private List<Manifest> list() throws Exception {
        return backups.catalogue().list(database.id());
    }

    private Done verify() throws Exception {
        return new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, new FreeAttempt());
    }

    private Done restore(Restore task) throws Exception {
        return new SqliteRestore(
                        backups, new Restoring(backups, backups.catalogue()), new SqliteBackup(backups.taking()))
                .perform(Backups.order(task), database, new FreeAttempt());
    }

    private String key(String name) {
        return "backups/shop+queue/" + name;
    }

    @Test
    void takesVerifiesDrillsRestoresAndExpires() throws Exception {
        Manifest first = take();
        Manifest second = take();

        assertThat(store.list(""))
                .containsOnlyKeys(
                        key(first.name()),
                        key(first.name() + ".json"),
                        key(second.name()),
                        key(second.name() + ".json"));
        assertThat(backups.names(database.id())).isEmpty();
        assertThat(verify().findings()).isEmpty();
        Done drill = new SqliteRestoreDrill(new Drilling(backups, backups.catalogue()))
                .perform(
                        Backups.order(new RestoreDrill(Optional.empty(), Optional.empty())),
                        database,
                        new FreeAttempt());
        assertThat(drill.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(list().get(0).state()).isEqualTo(State.PROVEN);
        Done restored =
                restore(new Restore(Optional.empty(), Optional.empty(), Optional.of("copy"), false, Optional.empty()));
        assertThat(restored.findings()).isEmpty();
        assertThat(SqliteBackupTest.number(
                        backups.restoreDirectory().resolve("copy.db"), "SELECT sum(length(payload)) FROM task"))
                .isEqualTo(12_000_000);
        new Expiring(backups.catalogue(), database -> Optional.empty())
                .expire(
                        Backups.order(new ExpireBackups(
                                Optional.of(1),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())),
                        database,
                        new FreeAttempt());
        assertThat(store.list("")).containsOnlyKeys(key(second.name()), key(second.name() + ".json"));
    }

    @Test
    void countsNothingAndLeavesNothingWhenTheStoreGoesAwayWhileItIsWritten() throws Exception {
        Manifest before = take();
        AtomicBoolean isGone = new AtomicBoolean();
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> {
            // the copy is made by then, and a part of it sent
            if (attempt.percents.get(attempt.percents.size() - 1) > 50 && isGone.compareAndSet(false, true)) {
                goAway();
            }
        });

        Failure failure = catchThrowableOfType(Failure.class, () -> take(IN_PARTS, attempt));

        assertThat(failure.reason().code()).isEqualTo(Code.STORE_UNAVAILABLE);
        assertThat(isGone).isTrue();
        assertThat(backups.names(database.id())).isEmpty();
        server.comeBack();
        assertThat(list()).extracting(Manifest::name).containsExactly(before.name());
        Manifest after = take();
        assertThat(store.removeUnfinished("")).isEmpty();
        assertThat(store.list(""))
                .containsOnlyKeys(
                        key(before.name()),
                        key(before.name() + ".json"),
                        key(after.name()),
                        key(after.name() + ".json"));
    }

    private void goAway() {
        try {
            server.goAway();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void saysThatTheStoreIsNotThereInsteadOfCallingBackupsDamaged() throws Exception {
        take();
        server.goAway();

        assertThat(catchThrowableOfType(Failure.class, this::verify).reason().code())
                .isEqualTo(Code.STORE_UNAVAILABLE);
        assertThat(catchThrowableOfType(Failure.class, this::take).reason().code())
                .isEqualTo(Code.STORE_UNAVAILABLE);

        server.comeBack();
        assertThat(list()).singleElement().matches(Manifest::isVerified);
    }

    @Test
    void findsWhatWasChangedCutOrRemovedInTheStore() throws Exception {
        Manifest good = take();
        Manifest flipped = take();
        Manifest cut = take();
        Manifest removed = take();
        Damage.flip(server.file(key(flipped.name())), 7_000_000);
        try (RandomAccessFile bytes =
                new RandomAccessFile(server.file(key(cut.name())).toFile(), "rw")) {
            bytes.setLength(6_000_000);
        }
        Files.delete(server.file(key(removed.name())));

        Done done = verify();

        assertThat(done.findings())
                .extracting(Finding::object)
                .containsExactlyInAnyOrder(flipped.name(), cut.name(), removed.name());
        assertThat(backups.catalogue().newest(database.id())).contains(good.takenAt());
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup-writing", "backup-written", "backup-renamed", "backup-unlisted"})
    void leavesOnlyWholeBackupsWhereverTheExecutorDies(String place) throws Exception {
        take();
        take();

        Process process = BackupMain.start(
                List.of("-Dfault.at=" + place),
                "s3",
                backups.directory().toString(),
                database.file().toString(),
                Integer.toString(server.port()));

        assertThat(process.waitFor()).isEqualTo(HALTED);
        List<Manifest> listed = list();
        assertThat(listed).hasSizeGreaterThanOrEqualTo(2).allMatch(Manifest::isVerified);
        for (Manifest manifest : listed) {
            backups.requireWhole(manifest);
        }
        backups.startUp().removeLeftovers();
        assertThat(backups.names(database.id())).isEmpty();
        take(Backups.keeping(2), new FreeAttempt());
        assertThat(store.removeUnfinished("")).isEmpty();
        assertThat(store.list(""))
                .containsOnlyKeys(list().stream()
                        .flatMap(manifest -> List.of(key(manifest.name()), key(manifest.name() + ".json")).stream())
                        .toArray(String[]::new));
    }

    @Test
    void keepsTheNewestOnesOfItsKind() throws Exception {
        take();
        take(Backups.keeping(1), new FreeAttempt());

        assertThat(list()).singleElement().matches(manifest -> manifest.method() == Method.ONLINE);
    }
}
