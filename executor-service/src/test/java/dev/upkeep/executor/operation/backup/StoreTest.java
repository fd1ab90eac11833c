package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.ExpireBackups;
import dev.upkeep.common.task.ListBackups;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Damage;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listing, verifying and expiring, on real backups of SQLite. */
class StoreTest {
    private static final ExpireBackups LAST_ONE = new ExpireBackups(
            Optional.of(1), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    @TempDir
    Path folder;

    Backups backups;
    SqliteDatabase database;
    Optional<String> onHold = Optional.empty();

    @BeforeEach
    void queue() throws Exception {
        backups = Backups.in(folder.resolve("backups"));
        database = new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db"));
        try (Connection connection = SqliteBackupTest.open(database.file());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, state TEXT)");
            statement.execute("INSERT INTO task VALUES (1, 'ready'), (2, 'dead')");
        }
    }

    private Manifest take() throws Exception {
        Done done = new SqliteBackup(backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        return backups.catalogue().list(database.id()).get(0);
    }

    private Path file(Manifest manifest) {
        return backups.file(manifest);
    }

    private Done verify(VerifyBackup task) throws Exception {
        return new Verifying(backups, backups.catalogue(), new ContentChecks(backups))
                .verify(Backups.order(task), database, new FreeAttempt());
    }

    private Done expire(Order<ExpireBackups> order) throws Exception {
        return new Expiring(backups.catalogue(), database -> onHold).expire(order, database, new FreeAttempt());
    }

    @Test
    void findsEachFlippedByteWhereverItIs() throws Exception {
        Manifest manifest = take();
        long size = Files.size(file(manifest));

        for (long seed = 0; seed < 200; seed++) {
            long position = (long) (new Random(seed).nextDouble() * size);
            Damage.flip(file(manifest), position);

            Done done = verify(new VerifyBackup(Optional.empty(), false));

            assertThat(done.findings())
                    .as("byte %d", position)
                    .extracting(Finding::check)
                    .containsExactly("backup-damaged");
            assertThat(backups.catalogue().newest(database.id())).isEmpty();
            Damage.flip(file(manifest), position);
        }
        verify(new VerifyBackup(Optional.empty(), false));
        assertThat(backups.catalogue().newest(database.id())).contains(manifest.takenAt());
    }

    @Test
    void doesNotCountATruncatedOrMissingBackupEvenBeforeItIsLookedAt() throws Exception {
        Manifest first = take();
        Manifest second = take();
        Manifest third = take();
        try (RandomAccessFile bytes = new RandomAccessFile(file(third).toFile(), "rw")) {
            bytes.setLength(bytes.length() - 1);
        }
        Files.delete(file(second));

        assertThat(backups.catalogue().newest(database.id())).contains(first.takenAt());
        Done done = verify(new VerifyBackup(Optional.empty(), true));
        assertThat(done.report().orElseThrow()).isInstanceOfSatisfying(VerifyBackup.Report.class, report -> {
            assertThat(report.damaged()).isEqualTo(2);
            assertThat(report.whole()).isEqualTo(1);
        });
    }

    @Test
    void neverExpiresTheLastGoodOneBecauseOfNewerDamagedOnes() throws Exception {
        Manifest good = take();
        for (int i = 0; i < 3; i++) {
            Damage.flip(file(take()), 30);
        }
        verify(new VerifyBackup(Optional.empty(), true));

        expire(Backups.order(LAST_ONE));

        assertThat(backups.catalogue().list(database.id()))
                .extracting(Manifest::name)
                .contains(good.name());
        assertThat(file(good)).exists();
        assertThat(backups.catalogue().newest(database.id())).contains(good.takenAt());
    }

    @Test
    void expiresWhatNoRuleKeepsAndSaysWhy() throws Exception {
        Manifest old = take();
        Manifest held = take();
        Manifest newest = take();
        Files.writeString(file(held).resolveSibling(held.name() + ".hold"), "for the audit");

        Done plan = expire(Backups.dryRun(LAST_ONE));
        Done done = expire(Backups.order(LAST_ONE));

        ExpireBackups.Report report = (ExpireBackups.Report) done.report().orElseThrow();
        assertThat(((ExpireBackups.Report) plan.report().orElseThrow()).planHash())
                .isEqualTo(report.planHash());
        assertThat(report.decisions())
                .extracting(ExpireBackups.Decision::name)
                .containsExactly(newest.name(), held.name(), old.name());
        assertThat(report.bytesFreed()).isEqualTo(old.file().bytes());
        assertThat(backups.catalogue().list(database.id()))
                .extracting(Manifest::name)
                .containsExactly(newest.name(), held.name());
    }

    @Test
    void removesNothingWhenThePlanIsNotTheOneThatWasAgreedOn() throws Exception {
        take();
        take();
        Order<ExpireBackups> order = Backups.order(LAST_ONE);

        Done done = expire(
                new Order<>(order.command(), order.task(), order.asOf(), false, Optional.of("0123456789abcdef")));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.PLAN_DRIFTED);
        assertThat(backups.catalogue().list(database.id())).hasSize(2);
    }

    @Test
    void removesNothingWhileTheDatabaseIsHeld() throws Exception {
        take();
        take();
        onHold = Optional.of("hold until 2027-01-01T00:00:00Z by audit (litigation): evidence");

        Done plan = expire(Backups.dryRun(LAST_ONE));
        Done done = expire(Backups.order(LAST_ONE));
        Taking taking = new Taking(backups, backups.catalogue(), held -> onHold);
        Done backup = new SqliteBackup(taking).perform(Backups.order(Backups.keeping(1)), database, new FreeAttempt());

        assertThat(plan.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.HOLD);
        assertThat(done.reason().orElseThrow().message()).contains("litigation");
        assertThat(backup.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(backup.findings()).extracting(Finding::check).containsExactly("backup-expiry-held");
        assertThat(backups.catalogue().list(database.id())).hasSize(3);
    }

    /** Backups with clocks that jump, expiries by any rule, damage, holds and looks, all at once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void alwaysHasAVerifiedOneWhateverRaces(long seed) throws Exception {
        take();
        Random random = new Random(seed);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> racing = new java.util.ArrayList<>();
            for (int i = 0; i < 25; i++) {
                Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(random.nextInt(96) - 48));
                int last = 1 + random.nextInt(2);
                Optional<Duration> within = random.nextBoolean() ? Optional.of(Duration.ofHours(1)) : Optional.empty();
                boolean isHeld = random.nextInt(4) == 0;
                racing.add(threads.submit(() -> new SqliteBackup(
                                new Taking(backups, backups.catalogue(), held -> Optional.empty(), clock))
                        .perform(Backups.order(Backups.keeping(last)), database, new FreeAttempt())));
                racing.add(threads.submit(() -> new Expiring(
                                backups.catalogue(), held -> isHeld ? Optional.of("held") : Optional.empty())
                        .expire(
                                Backups.order(new ExpireBackups(
                                        within.isPresent() ? Optional.empty() : Optional.of(last),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        within,
                                        Optional.empty())),
                                database,
                                new FreeAttempt())));
                racing.add(threads.submit(() -> verify(new VerifyBackup(Optional.empty(), true))));
                racing.add(threads.submit(() ->
                        assertThat(backups.catalogue().list(database.id())).anyMatch(Manifest::isVerified)));
            }
            for (Future<?> future : racing) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
        List<Manifest> verified = backups.catalogue().list(database.id()).stream()
                .filter(Manifest::isVerified)
                .toList();
        assertThat(verified).isNotEmpty();
        for (Manifest manifest : verified) {
            backups.requireWhole(manifest);
        }
        assertThat(backups.names(database.id())).hasSize(2 * verified.size());
    }

    @Test
    void keepsAVerifiedOneWhileBackupsAndExpiriesRace() throws Exception {
        take();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> racing = new java.util.ArrayList<>();
            for (int i = 0; i < 30; i++) {
                racing.add(threads.submit(() -> new SqliteBackup(backups.taking())
                        .perform(Backups.order(Backups.keeping(1)), database, new FreeAttempt())));
                racing.add(threads.submit(() -> expire(Backups.order(LAST_ONE))));
                racing.add(threads.submit(() ->
                        assertThat(backups.catalogue().newest(database.id())).isPresent()));
            }
            for (Future<?> future : racing) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
        Manifest last = backups.catalogue().list(database.id()).get(0);
        backups.requireWhole(last);
    }

    @Test
    void listsThemAndFindsThemLateAndUnproven() throws Exception {
        Manifest manifest = take();

        Done done = new Listing(backups.catalogue(), held -> onHold)
                .list(
                        new Order<>(
                                manifest.command(),
                                new ListBackups(Optional.of(Duration.ofHours(1)), Optional.of(Duration.ofDays(7))),
                                manifest.takenAt().plus(Duration.ofMinutes(90)),
                                false,
                                Optional.empty()),
                        database);

        assertThat(done.findings())
                .extracting(finding -> finding.check() + " " + finding.severity())
                .containsExactly("backup-late WARNING", "backup-unproven CRITICAL");
        assertThat(((ListBackups.Report) done.report().orElseThrow()).backups())
                .singleElement()
                .satisfies(entry -> assertThat(entry.state()).isEqualTo(State.VERIFIED));
    }

    @Test
    void refusesToVerifyWhatIsNotThere() throws Exception {
        Done done = verify(new VerifyBackup(Optional.of("queue-20200101T000000Z-00000000.sqlite.zst"), false));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.BACKUP_MISSING);
    }

    @Test
    void neverListsAgainWhatWasExpiredWhileAVerificationWasAboutToBegin() throws Exception {
        Manifest old = take();
        Manifest newest = take();
        AtomicInteger looks = new AtomicInteger();
        // the verification has listed both by then, and does not hold the folder yet
        Catalogue beside = new Catalogue(backups.directory(), () -> {
            if (looks.incrementAndGet() == 2) {
                expireUnchecked();
            }
            return Optional.empty();
        });

        Done done = new Verifying(backups, beside, new ContentChecks(backups))
                .verify(Backups.order(new VerifyBackup(Optional.empty(), true)), database, new FreeAttempt());

        assertThat(looks).hasValueGreaterThan(1);
        assertThat(done.findings()).isEmpty();
        assertThat(backups.names(database.id())).containsExactly(newest.name(), newest.name() + ".json");
        assertThat(file(old)).doesNotExist();
    }

    private void expireUnchecked() {
        try {
            expire(Backups.order(LAST_ONE));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void removesNothingMoreOnceAHoldArrives() throws Exception {
        List<Manifest> taken = List.of(take(), take(), take(), take());
        AtomicInteger asked = new AtomicInteger();
        // asked before the plan is carried out, and before each removal
        Expiring expiring = new Expiring(
                backups.catalogue(),
                held -> asked.incrementAndGet() < 3 ? Optional.empty() : Optional.of("hold by audit: evidence"));

        Done done = expiring.expire(Backups.order(LAST_ONE), database, new FreeAttempt());

        ExpireBackups.Report report = (ExpireBackups.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.HOLD);
        assertThat(report.removed()).isEqualTo(1);
        assertThat(report.decisions())
                .filteredOn(decision -> decision.reasons().toString().contains("evidence"))
                .allMatch(ExpireBackups.Decision::keep)
                .hasSize(2);
        assertThat(backups.catalogue().list(database.id())).hasSize(taken.size() - 1);
    }

    @Test
    void keepsABackupWhoseHoldFileArrivesWhileOthersAreRemoved() throws Exception {
        Manifest first = take();
        Manifest second = take();
        take();
        AtomicInteger asked = new AtomicInteger();
        Expiring expiring = new Expiring(backups.catalogue(), held -> {
            if (asked.incrementAndGet() == 3) {
                putHold(first);
            }
            return Optional.empty();
        });

        Done done = expiring.expire(Backups.order(LAST_ONE), database, new FreeAttempt());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(backups.catalogue().list(database.id()))
                .extracting(Manifest::name)
                .contains(first.name())
                .doesNotContain(second.name());
    }

    private void putHold(Manifest manifest) {
        try {
            Files.writeString(file(manifest).resolveSibling(manifest.name() + ".hold"), "found late");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void doesNotLetABackupFromTheFutureTakeThePlaceOfLaterOnes() throws Exception {
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(365));
        new SqliteBackup(new Taking(backups, backups.catalogue(), held -> Optional.empty(), ahead))
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        Manifest misdated = backups.catalogue().list(database.id()).get(0);
        assertThat(backups.catalogue().newest(database.id())).isEmpty();

        new SqliteBackup(backups.taking()).perform(Backups.order(Backups.keeping(1)), database, new FreeAttempt());
        new SqliteBackup(backups.taking()).perform(Backups.order(Backups.keeping(1)), database, new FreeAttempt());
        expire(Backups.order(LAST_ONE));

        List<Manifest> left = backups.catalogue().list(database.id());
        assertThat(left).hasSize(2).contains(misdated);
        assertThat(backups.catalogue().newest(database.id()))
                .contains(left.get(1).takenAt());
        assertThat(list().findings())
                .extracting(finding -> finding.check() + " " + finding.object())
                .contains("backup-misdated " + misdated.name());
    }

    private Done list() throws Exception {
        return new Listing(backups.catalogue(), held -> onHold)
                .list(Backups.order(new ListBackups(Optional.empty(), Optional.empty())), database);
    }

    @Test
    void saysOfEachBackupWhatAnOperatorAsks() throws Exception {
        Manifest damaged = take();
        Manifest held = take();
        Manifest newest = take();
        Damage.flip(file(damaged), 30);
        verify(new VerifyBackup(Optional.of(damaged.name()), false));
        putHold(held);
        Files.writeString(file(newest).resolveSibling("queue-20260101T000000Z-00000000.sqlite.zst.json"), "{");
        onHold = Optional.of("hold by audit: evidence");

        Done done = list();

        ListBackups.Report report = (ListBackups.Report) done.report().orElseThrow();
        assertThat(report.store()).isEqualTo(file(newest).getParent().toString());
        assertThat(report.hold()).isEqualTo(onHold);
        assertThat(report.verified()).isEqualTo(2);
        assertThat(report.backups())
                .extracting(ListBackups.Entry::kept)
                .containsExactly(
                        List.of("the newest verified file backup"),
                        List.of("hold: a person has put a hold on it"),
                        List.of());
        assertThat(report.backups()).allSatisfy(entry -> {
            assertThat(entry.kind()).isEqualTo("file");
            assertThat(entry.age()).isBetween(Duration.ZERO, Duration.ofMinutes(10));
            assertThat(entry.sourceBytes()).isPositive();
            assertThat(entry.isEncrypted()).isFalse();
        });
        assertThat(done.findings())
                .extracting(Finding::object)
                .containsExactly(damaged.name(), "queue-20260101T000000Z-00000000.sqlite.zst");
    }

    @Test
    void failsAtOnceWithAClearReasonWhenTheFolderOfBackupsIsBroken() throws Exception {
        Files.writeString(folder.resolve("backups"), "a file where the folder should be");

        Exception broken = catchThrowableOfType(Exception.class, this::take);

        // which the one catch of the executor does not try again
        assertThat(broken).isInstanceOf(java.nio.file.FileSystemException.class);
        assertThat(((java.nio.file.FileSystemException) broken).getFile())
                .startsWith(folder.resolve("backups").toString());
    }
}
