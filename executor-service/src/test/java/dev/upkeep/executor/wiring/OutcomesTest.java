package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.OnFailure;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomesTest {
    @TempDir
    Path folder;

    private Bench bench;

    @BeforeEach
    void start() {
        bench = new Bench(folder).start();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Result resultOf(Command command) {
        bench.bus.send(command);
        return bench.bus.result(command);
    }

    private static Reason onlyReason(Result result) {
        assertThat(result.reasons()).hasSize(1);
        return result.reasons().get(0);
    }

    @Test
    void nothingToDoWhenNoTaskFoundAnything() {
        bench.analyze.does((order, on, attempt) -> Done.nothing(Map.of(), List.of(), List.of()));

        Result result = resultOf(bench.command("idle", Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(result.reasons()).isEmpty();
    }

    @Test
    void partialWhenTheWindowClosesAndTheNextCommandGoesOnAtTheCursor() {
        bench.analyze.does((order, on, attempt) -> {
            if (attempt.cursor().isPresent()) {
                return Done.succeeded(Map.of("from", attempt.cursor().get()), List.of(), List.of());
            }
            attempt.saveCursor("row 17");
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ofMillis(1), Duration.ofMillis(20));
            }
            return Done.partial(Map.of(), new Reason(Code.WINDOW_CLOSED, "out of time"), List.of(), List.of());
        });
        Instant now = Instant.now();
        Command first = bench.command(
                "window",
                bench.one,
                new Validity(now, now.plusSeconds(1), now.plusSeconds(2)),
                Step.of(Bench.analyze()));

        Result partial = resultOf(first);

        assertThat(partial.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(onlyReason(partial).code()).isEqualTo(Code.WINDOW_CLOSED);
        Command next = nextOf(first, "window-2");
        Result rest = resultOf(next);
        assertThat(rest.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rest.tasks().get(0).report().orElseThrow().path("from").asText())
                .isEqualTo("row 17");
    }

    @ParameterizedTest
    @CsvSource({"3600, 0", "0, 3600", "31536000, 0"})
    void rejectedWhenItCountsAgesFromATimeThatHasNotCome(long asOfAhead, long issuedAhead) {
        Command good = bench.command("skew", Bench.analyze());
        Command ahead = new Command(
                good.id(),
                good.run(),
                good.origin(),
                good.database(),
                good.executor(),
                good.asOf().plusSeconds(asOfAhead),
                good.issuedAt().plusSeconds(issuedAhead),
                good.validity(),
                false,
                Optional.empty(),
                good.steps());

        Result result = resultOf(ahead);

        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.CLOCK_SKEW);
        assertThat(bench.analyze.calls()).isEmpty();
    }

    /** The next firing of the same policy: the origin stays, id and window change. */
    private Command nextOf(Command first, String name) {
        Command next = bench.command(name, Bench.analyze());
        return new Command(
                next.id(),
                next.run(),
                first.origin(),
                next.database(),
                next.executor(),
                next.asOf(),
                next.issuedAt(),
                next.validity(),
                false,
                Optional.empty(),
                next.steps());
    }

    @Test
    void partialWhenTimeIsUpBetweenTheTasks() {
        bench.analyze.does((order, on, attempt) -> {
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ofMillis(1), Duration.ofMillis(20));
            }
            return Scripted.done();
        });
        Instant now = Instant.now();

        Result result = resultOf(bench.command(
                "between",
                bench.one,
                new Validity(now, now.plusSeconds(1), now.plusSeconds(1)),
                Step.of(Bench.analyze()),
                Step.of(Vacuum.auto())));

        assertThat(result.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(result.tasks()).extracting("outcome").containsExactly(Outcome.SUCCEEDED);
        assertThat(bench.vacuum.calls()).isEmpty();
    }

    @Test
    void rejectedForAnUnknownDatabase() {
        Result result = resultOf(bench.command("nowhere", new DatabaseId("elsewhere"), Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.UNKNOWN_DATABASE);
        assertThat(result.attempts()).isZero();
    }

    @Test
    void rejectedForATaskWithoutOperation() {
        Result result = resultOf(bench.command("cannot", Backup.byDefault()));

        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.UNSUPPORTED);
    }

    @Test
    void rejectedByTheOperationStopsTheTasksThatFollow() {
        bench.analyze.does(
                (order, on, attempt) -> Done.rejected(new Reason(Code.PLAN_DRIFTED, "the plan is no longer the same")));

        Result result = resultOf(bench.command("drift", Bench.analyze(), Vacuum.auto()));

        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.PLAN_DRIFTED);
        assertThat(bench.vacuum.calls()).isEmpty();
    }

    @Test
    void goesOnAfterAFailureWhereTheOrderSaysSo() {
        bench.analyze.does((order, on, attempt) -> {
            throw new Failure(Code.NO_SUCH_TABLE, "no table");
        });
        Instant now = Instant.now();

        Result result = resultOf(bench.command(
                "goes-on",
                bench.one,
                new Validity(now, now.plusSeconds(60), now.plusSeconds(60)),
                new Step(Bench.analyze(), OnFailure.CONTINUE),
                Step.of(Vacuum.auto())));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.tasks()).extracting("outcome").containsExactly(Outcome.FAILED, Outcome.SUCCEEDED);
    }

    @Test
    void expiredWhenItArrivesAfterStartBy() {
        Instant now = Instant.now();

        Result result = resultOf(bench.command(
                "late",
                bench.one,
                new Validity(now.minusSeconds(90_000), now.minusSeconds(86_400), now.minusSeconds(80_000)),
                Step.of(Bench.analyze())));

        assertThat(result.outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.TOO_LATE);
        assertThat(bench.analyze.calls()).isEmpty();
    }

    @Test
    void expiredWhenItsTurnComesTooLate() {
        CountDownLatch release = new CountDownLatch(1);
        bench.analyze.does((order, on, attempt) -> {
            awaitQuietly(release);
            return Scripted.done();
        });
        Command first = bench.command("long", Bench.analyze());
        Instant now = Instant.now();
        Command second = bench.command(
                "queued",
                bench.one,
                new Validity(now, now.plusSeconds(1), now.plusSeconds(600)),
                Step.of(Bench.analyze()));
        bench.bus.send(first);

        Result result = resultOf(second);

        assertThat(result.outcome()).isEqualTo(Outcome.EXPIRED);
        release.countDown();
        assertThat(bench.bus.result(first).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void outsideTheWindowWhenTheExecutorWasDownUntilItClosed() {
        bench.analyze.does((order, on, attempt) -> {
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ZERO, Duration.ofMillis(20));
            }
            return Done.partial(Map.of(), new Reason(Code.INTERRUPTED, "stops"), List.of(), List.of());
        });
        Command running = bench.command("runs", Bench.analyze());
        Instant now = Instant.now();
        Command waits = bench.command(
                "waits",
                bench.one,
                new Validity(now, now.plusSeconds(2), now.plusSeconds(2)),
                Step.of(Bench.analyze()));
        bench.bus.send(running);
        bench.bus.send(waits);
        Awaitility.await().until(() -> bench.core().figures().waiting() == 1);
        bench.stop();
        bench.analyze.does((order, on, attempt) -> Scripted.done());
        Awaitility.await().until(() -> Instant.now().isAfter(now.plusSeconds(3)));

        bench.start();

        assertThat(bench.bus.result(waits).outcome()).isEqualTo(Outcome.OUTSIDE_WINDOW);
        assertThat(bench.bus.result(running).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.result(running).attempts()).isEqualTo(2);
    }

    @Test
    void outsideTheWindowWhenItOpensFarAhead() {
        Instant far = Instant.now().plus(Duration.ofDays(30));

        Result result =
                resultOf(bench.command("far", bench.one, new Validity(far, far, far), Step.of(Bench.analyze())));

        assertThat(result.outcome()).isEqualTo(Outcome.OUTSIDE_WINDOW);
    }

    @Test
    void waitsForItsWindowToOpen() {
        Instant opens = Instant.now().plusMillis(1_500);

        Result result = resultOf(bench.command(
                "opens",
                bench.one,
                new Validity(opens, opens.plusSeconds(60), opens.plusSeconds(60)),
                Step.of(Bench.analyze())));

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.startedAt().orElseThrow()).isAfterOrEqualTo(opens.minusMillis(1));
    }

    @Test
    void contendedWhenLocksAreHeldThroughAllTries() {
        bench.analyze.does((order, on, attempt) -> {
            throw new SQLException("[SQLITE_BUSY] The database file is locked", "", 5);
        });

        Result result = resultOf(bench.command("busy", Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.CONTENDED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.BUSY);
        assertThat(result.attempts()).isEqualTo(3);
    }

    @Test
    void failedAtOnceForWhatWillNotPass() {
        bench.analyze.does((order, on, attempt) -> {
            throw new Failure(Code.DISK_FULL, "the disk is full");
        });

        Result result = resultOf(bench.command("full", Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.DISK_FULL);
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void succeedsAfterAFailureThatPassed() {
        AtomicInteger tries = new AtomicInteger();
        bench.analyze.does((order, on, attempt) -> {
            if (tries.incrementAndGet() < 3) {
                throw new Failure(Code.CONNECTION_LOST, "gone");
            }
            return Scripted.done();
        });

        Result result = resultOf(bench.command("again", Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.attempts()).isEqualTo(3);
    }

    @Test
    void failsWithoutStackTraceForADefect() {
        bench.analyze.does((order, on, attempt) -> {
            throw new IllegalStateException("cannot be");
        });

        Result result = resultOf(bench.command("defect", Bench.analyze()));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(onlyReason(result).code()).isEqualTo(Code.INTERNAL);
        assertThat(onlyReason(result).message()).doesNotContain("\tat ");
    }

    @Test
    void cancelledWhileItRunsBreaksOffWhatBlocks() {
        CountDownLatch blocked = new CountDownLatch(1);
        bench.analyze.does((order, on, attempt) -> {
            CountDownLatch brokenOff = new CountDownLatch(1);
            Attempt.Interruption interruption = attempt.onStop(brokenOff::countDown);
            blocked.countDown();
            awaitQuietly(brokenOff);
            interruption.close();
            throw new SQLException("[SQLITE_INTERRUPT] Operation terminated by sqlite3_interrupt()", "", 9);
        });
        Command command = bench.command("stop-me", Bench.analyze());
        bench.bus.send(command);
        awaitQuietly(blocked);

        bench.bus.send(cancel(command));

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void cancelledWhileItWaits() {
        CountDownLatch release = new CountDownLatch(1);
        bench.analyze.does((order, on, attempt) -> {
            awaitQuietly(release);
            return Scripted.done();
        });
        Command first = bench.command("blocks", Bench.analyze());
        Command second = bench.command("unwanted", Bench.analyze());
        bench.bus.send(first);
        bench.bus.send(second);

        bench.bus.send(cancel(second));

        Result result = bench.bus.result(second);
        assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(onlyReason(result).message()).contains("anna", "a mistake");
        release.countDown();
        assertThat(bench.bus.result(first).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.analyze.calls()).containsExactly("blocks/one");
    }

    @Test
    void healthChecksFlowBesideALongTask() {
        CountDownLatch release = new CountDownLatch(1);
        bench.vacuum.does((order, on, attempt) -> {
            awaitQuietly(release);
            return Scripted.done();
        });
        Command heavy = bench.command("heavy", Vacuum.auto());
        bench.bus.send(heavy);

        Result look = resultOf(bench.command("look", HealthCheck.quick()));

        assertThat(look.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.results(heavy)).isEmpty();
        release.countDown();
        assertThat(bench.bus.result(heavy).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    private static Cancel cancel(Command command) {
        return new Cancel(
                command.id(), command.executor(), Instant.now(), Optional.of("anna"), Optional.of("a mistake"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the latch");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
