package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Globals;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logical backups of many files, with the roles of a server of its own. */
class ParallelDumpTest {
    private static final RestoreDrill DRILL = new RestoreDrill(Optional.empty(), Optional.empty());

    @TempDir
    static Path shared;

    static LocalPostgres server;
    static PostgresFixture site;

    @TempDir
    Path folder;

    Backups backups;
    PostgresDatabase database;

    @BeforeAll
    static void rolesAndRows() throws Exception {
        server = LocalPostgres.in(shared.resolve("server")).asDisposable().start();
        site = PostgresFixture.on(server.address(), "postgres");
        site.sql(
                "CREATE ROLE \"odd \"\"one; x\" LOGIN PASSWORD 'known' CONNECTION LIMIT 7",
                "COMMENT ON ROLE \"odd \"\"one; x\" IS E'two\nlines; with ''quotes'''",
                "CREATE ROLE team",
                "GRANT team TO \"odd \"\"one; x\" WITH ADMIN OPTION",
                "ALTER ROLE team SET search_path TO 'a', 'b''c'",
                "CREATE ROLE weak LOGIN PASSWORD 'weak'",
                "CREATE TABLE orders AS SELECT i, md5(i::text) AS note FROM generate_series(1, 20000) i",
                "CREATE TABLE lines AS SELECT i, md5(i::text) AS note FROM generate_series(1, 20000) i",
                "ALTER TABLE orders OWNER TO team",
                "GRANT SELECT ON lines TO \"odd \"\"one; x\"",
                "GRANT SELECT ON orders, lines TO weak");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void store() {
        backups = Backups.in(folder.resolve("backups"));
        database = site.database();
    }

    private static Backup backup(int jobs, Optional<Globals> globals) {
        return new Backup(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(jobs), globals);
    }

    private Done take(Backup task) throws Exception {
        Done done =
                new PostgresBackup(backups, backups.taking()).perform(Backups.order(task), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        return done;
    }

    private Manifest newest() throws Exception {
        return backups.catalogue().list(database.id()).get(0);
    }

    private Done restore(Restore task) throws Exception {
        return backups.postgresRestore().perform(Backups.order(task), database, new FreeAttempt());
    }

    private static Restore into(String name, int jobs, boolean globals) {
        return new Restore(
                Optional.empty(),
                Optional.empty(),
                Optional.of(name),
                false,
                Optional.empty(),
                Optional.of(jobs),
                globals);
    }

    private String unpacked(String file) throws Exception {
        try (DumpTar dump = new DumpTar(folder.resolve("unpacked"))) {
            Manifest manifest = newest();
            FreeAttempt attempt = new FreeAttempt();
            try (StoredInput in = StoredInput.open(
                    backups.catalogue().folder(database.id()).blob(manifest.name()),
                    manifest.file(),
                    BackupSettings.keys(backups))) {
                dump.unpack(
                        in,
                        new ContentChecks(backups).client(manifest),
                        attempt,
                        new Pump(attempt, BackupSettings.Pace.FAST, Optional.empty()),
                        new Pump.Part("test", 0, 0, 100));
            }
            return java.nio.file.Files.readString(dump.folder().resolve(file));
        }
    }

    @Test
    void comesBackEqualWithItsRolesEncryptedAndByParallelSessions() throws Exception {
        KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
        backups =
                backups.encryptedFor(pair.getPublic().toString()).openedBy(PostgresInStoreTest.identity(folder, pair));

        assertThat(take(backup(2, Optional.of(Globals.WITHOUT_PASSWORDS))).findings())
                .isEmpty();

        Manifest manifest = newest();
        assertThat(manifest.name()).endsWith(".dumptar.age");
        assertThat(manifest.state()).isEqualTo(State.VERIFIED);
        assertThat(manifest.contents().orElseThrow().rows()).isEqualTo(40_000);
        assertThat(backups.names(database.id())).containsExactly(manifest.name(), manifest.name() + ".json");
        assertThat(unpacked(ParallelDump.ROLES)).contains("CREATE ROLE team").doesNotContain("PASSWORD");
        Done verified = new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, new FreeAttempt());
        assertThat(verified.findings()).isEmpty();
        Done drill = backups.postgresDrill().perform(Backups.order(DRILL), database, new FreeAttempt());
        assertThat(((RestoreDrill.Report) drill.report().orElseThrow()).differences())
                .isEmpty();
        assertThat(newest().state()).isEqualTo(State.PROVEN);
        Done restored = restore(into("parallel_copy", 2, false));
        assertThat(restored.findings()).isEmpty();
        assertThat(((Restore.Report) restored.report().orElseThrow()).rows()).isEqualTo(40_000);
        assertThat(backups.names(database.id())).containsExactly(manifest.name(), manifest.name() + ".json");
    }

    @Test
    void makesTheRolesThatTheServerLacksAndLeavesTheOthersAsTheyAre() throws Exception {
        site.sql("CREATE ROLE passing LOGIN CONNECTION LIMIT 3", "GRANT team TO passing");
        take(backup(1, Optional.of(Globals.WITHOUT_PASSWORDS)));
        site.sql("DROP ROLE passing", "ALTER ROLE weak CONNECTION LIMIT 9");

        Done done = restore(into("with_roles", 1, true));

        assertThat(done.findings()).extracting(Finding::check).containsExactly("restore-roles-made");
        assertThat(done.findings().get(0).value()).isEqualTo("1 roles were made: passing");
        assertThat(site.value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'passing'"))
                .isEqualTo("3");
        assertThat(site.value("SELECT pg_has_role('passing', 'team', 'member')"))
                .isEqualTo("t");
        assertThat(site.value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'weak'"))
                .isEqualTo("9");
        site.sql("DROP ROLE passing");
    }

    @Test
    void readsRolesWithAwkwardNamesAndComments() throws Exception {
        take(backup(1, Optional.of(Globals.WITH_PASSWORDS)));

        Roles all = Roles.lacking(
                unpacked(ParallelDump.ROLES), java.util.Set.of(server.address().user()));

        assertThat(all.made()).contains("team", "weak", "\"odd \"\"one; x\"");
        assertThat(all.statements())
                .anyMatch(statement -> statement.startsWith("COMMENT ON ROLE \"odd \"\"one; x\"")
                        && statement.endsWith("with ''quotes''';"))
                .anyMatch(statement -> statement.startsWith("GRANT team TO \"odd \"\"one; x\" WITH ADMIN OPTION"))
                .anyMatch(statement -> statement.contains("search_path") && statement.contains("team"))
                .anyMatch(statement -> statement.contains("SCRAM-SHA-256"));
        assertThat(unpacked(ParallelDump.TABLESPACES)).contains("cluster dump complete");
    }

    @Test
    void saysThatPasswordHashesCouldNotBeReadAndSavesTheDataAllTheSame() throws Exception {
        database = site.database("weak", "weak");

        Done done = take(backup(2, Optional.of(Globals.WITH_PASSWORDS)));

        assertThat(done.reason()).isEmpty();
        assertThat(done.findings()).extracting(Finding::check).containsExactly("backup-globals");
        assertThat(done.findings().get(0).value())
                .startsWith("password hashes of roles are not in it")
                .contains("permission denied for table pg_authid");
        assertThat(unpacked(ParallelDump.ROLES)).contains("CREATE ROLE team").doesNotContain("SCRAM");
        assertThat(newest().contents().orElseThrow().rows()).isEqualTo(40_000);
    }

    @Test
    void takesTheRolesAlongWhereItIsLetIntoNoOtherDatabase() throws Exception {
        server.address().createDatabase("shop");
        site.sql("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC");
        try {
            database = PostgresFixture.on(server.address(), "shop").database("weak", "weak");

            assertThat(take(backup(1, Optional.of(Globals.WITHOUT_PASSWORDS))).findings())
                    .isEmpty();

            assertThat(unpacked(ParallelDump.ROLES)).contains("CREATE ROLE team");
        } finally {
            site.sql("GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC");
        }
    }

    @Test
    void countsLargeObjectsToo() throws Exception {
        long before = ServerFacts.of(database).tableBytes();
        String object = site.value(
                "SELECT lo_from_bytea(0, string_agg(sha512(i::text::bytea), '')) FROM generate_series(1, 20000) i");

        long after = ServerFacts.of(database).tableBytes();

        site.sql("SELECT lo_unlink(" + object + ")");
        assertThat(after - before).isGreaterThan(64 * 20_000);
    }

    @Test
    void isNoMeasureForADumpOfOneFile() throws Exception {
        take(backup(2, Optional.empty()));

        Done plan = new PostgresBackup(backups, backups.taking())
                .perform(Backups.dryRun(Backups.uncompressed()), database, new FreeAttempt());

        assertThat(((Backup.Plan) plan.report().orElseThrow()).estimatedBytes())
                .as("as large as the tables, not as these compressed files")
                .isEqualTo(ServerFacts.of(database).tableBytes());
    }

    @Test
    void isToldByItsNameWhateverTheDatabaseIsCalled() {
        assertThat(BackupName.isDumpTar("orders-20261121T020000Z-1f3a9c04.dumptar.age"))
                .isTrue();
        assertThat(BackupName.isDumpTar("an.dumptar-20261121T020000Z-1f3a9c04.dump.zst"))
                .isFalse();
    }

    @Test
    void comesAgainLaterWhenSomebodyWaitsToChangeATable() {
        Failure said =
                new Failure(Code.TOOL_FAILED, "pg_dump: error: could not obtain lock on relation \"public.orders\"");

        assertThat(PostgresComplaint.coded(said).reason().code()).isEqualTo(Code.LOCK_TIMEOUT);
    }

    @Test
    void putsItOverTheOriginalInOneTransaction() throws Exception {
        take(backup(2, Optional.empty()));
        String before = newest().name();
        site.sql("DELETE FROM lines", "CREATE TABLE made_since (id int)");

        Done done =
                restore(new Restore(Optional.of(before), Optional.empty(), Optional.empty(), true, Optional.empty()));

        assertThat(done.findings()).isEmpty();
        assertThat(site.value("SELECT count(*) FROM lines")).isEqualTo("20000");
        assertThat(site.value("SELECT to_regclass('made_since')")).isEqualTo("null");
    }

    @Test
    void findsAFlippedByteAndRestoresNothingOfIt() throws Exception {
        take(backup(1, Optional.empty()));
        Damage.flip(backups.file(newest()));

        assertThat(catchThrowableOfType(Exception.class, () -> restore(into("flipped", 1, false))))
                .isNotNull();
        Done verified = new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, new FreeAttempt());

        assertThat(verified.findings()).extracting(Finding::check).containsExactly("backup-damaged");
        assertThat(site.value("SELECT count(*) FROM pg_database WHERE datname IN ('flipped', '"
                        + Partials.database(database.id(), "flipped") + "')"))
                .isEqualTo("0");
    }

    @Test
    void leavesNothingWhenItIsStopped() {
        FreeAttempt attempt = new FreeAttempt();
        attempt.atProgress(() -> attempt.stop(Stop.CANCELLED));

        Failure failure = catchThrowableOfType(
                Failure.class,
                () -> new PostgresBackup(backups, backups.taking())
                        .perform(Backups.order(backup(2, Optional.empty())), database, attempt));

        assertThat(failure.reason().code()).isEqualTo(Code.CANCELLED);
        assertThat(folder.resolve("backups/postgres").toFile().list()).containsExactly(".lock");
    }

    @Test
    void refusesWhatItCannotDo() throws Exception {
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        SqliteDatabase queue = new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db"));

        Done roles = restore(into("no_roles", 1, true));
        Done sqlite = new SqliteBackup(backups.taking())
                .perform(Backups.order(backup(2, Optional.empty())), queue, new FreeAttempt());

        assertThat(List.of(roles, sqlite)).allSatisfy(done -> {
            assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
        });
    }
}
