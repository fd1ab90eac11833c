package dev.upkeep.scheduler.run;

import static dev.upkeep.scheduler.fixture.Fixtures.database;
import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static dev.upkeep.scheduler.fixture.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Task;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts over 100 databases in 20 groups of five, with executors that answer in any order and at any time. */
class RolloutTest {
    private static final Instant TWO = Instant.parse("2026-11-21T02:00:00Z");

    private final Fleet fleet = new Fleet();
    private final RunBook book = new RunBook(Duration.ofDays(1), 10_000);
    private final Map<DatabaseId, String> groups = new HashMap<>();
    private final List<Command> sent = new ArrayList<>();
    private final List<Command> atWork = new ArrayList<>();
    private Instant now = TWO;

    private Run begin(String... lines) {
        List<RegisteredDatabase> databases = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String group = "g" + i % 20;
            databases.add(database(String.format("db%03d", i), Map.of("cluster", group), Task.names()));
            groups.put(databases.get(i).id(), group);
        }
        Registration executor = executor("e", TWO, databases);
        fleet.register(executor);
        Run run = new PolicyRuns(new Freezer(List.of(executor), List.of()), List.of())
                .fire(new Firing(policy(lines), TWO, 0), Map.of(), TWO);
        book.written(run);
        return run;
    }

    private Run run(Run begun) {
        return book.find(begun.head().id()).orElseThrow();
    }

    private List<Command> dispatch(Run begun) {
        Dispatch.Dispatched due = new Dispatch(fleet, List.of(), now).due(run(begun), Turns.FREE, 1_000);
        book.written(due.run());
        sent.addAll(due.commands());
        atWork.addAll(due.commands());
        return due.commands();
    }

    private void answer(Run begun, Command command, Outcome outcome, Reason... reasons) {
        atWork.remove(command);
        Target target = run(begun).targets().stream()
                .filter(candidate -> candidate.command().equals(command.id()))
                .findFirst()
                .orElseThrow();
        book.apply(List.of(result(run(begun), target, outcome, now, reasons)), now);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void stopsAtTheThirdFailureAndNeverTouchesTwoOfOneGroupAtOnce(long seed) {
        Random random = new Random(seed);
        Run begun = begin(
                "rollout: {canary: 2, waves: [20], maxParallel: 8, group: cluster, stopAfter: {failures: 3}}",
                "window: {start: \"01:00\", duration: 5h}");
        int failures = 0;
        int sentAfterStop = 0;

        while (!run(begun).isOver()) {
            List<Command> fresh = dispatch(begun);
            Set<String> busy = new HashSet<>();
            assertThat(atWork)
                    .hasSizeLessThanOrEqualTo(8)
                    .allMatch(command -> busy.add(groups.get(command.database())));
            sentAfterStop += failures >= 3 ? fresh.size() : 0;
            for (Command command : List.copyOf(atWork)) {
                if (random.nextInt(3) == 0) {
                    boolean fails = random.nextInt(8) == 0;
                    failures += fails ? 1 : 0;
                    answer(begun, command, fails ? Outcome.FAILED : Outcome.SUCCEEDED);
                    if (failures == 3) {
                        break;
                    }
                }
            }
            now = now.plusSeconds(random.nextInt(20));
        }

        assertThat(sentAfterStop).isZero();
        Run over = run(begun);
        assertThat(over.head().status()).isEqualTo(RunState.Status.ENDED);
        assertThat(over.tally().databases()).isEqualTo(100);
        if (failures >= 3) {
            assertThat(over.targets())
                    .filteredOn(target -> target.outcome().equals(Optional.of(Outcome.SKIPPED)))
                    .hasSize(100 - sent.size())
                    .allMatch(target -> target.reasons().get(0).code() == Code.ROLLOUT_STOPPED);
        } else {
            assertThat(sent).hasSize(100);
        }
    }

    @Test
    void sendsTheCanaryAloneAndThenWaveAfterWave() {
        Run begun = begin("rollout: {canary: 1, waves: [10, 50]}");

        assertThat(dispatch(begun)).hasSize(1);
        assertThat(dispatch(begun)).isEmpty();
        List.copyOf(atWork).forEach(command -> answer(begun, command, Outcome.SUCCEEDED));
        assertThat(dispatch(begun)).hasSize(9);
        List.copyOf(atWork).subList(0, 8).forEach(command -> answer(begun, command, Outcome.SUCCEEDED));
        assertThat(dispatch(begun)).isEmpty();
        List.copyOf(atWork).forEach(command -> answer(begun, command, Outcome.NOTHING_TO_DO));
        assertThat(dispatch(begun)).hasSize(40);
        List.copyOf(atWork).forEach(command -> answer(begun, command, Outcome.SUCCEEDED));
        assertThat(dispatch(begun)).hasSize(50);
    }

    @Test
    void endsAsExpiredWhoseTurnDidNotComeInTime() {
        Run begun = begin("rollout: {canary: 1}", "startWithin: 30m");
        dispatch(begun);
        now = TWO.plusSeconds(1801);
        List.copyOf(atWork).forEach(command -> answer(begun, command, Outcome.SUCCEEDED));

        assertThat(dispatch(begun)).isEmpty();

        assertThat(run(begun).tally().ended())
                .containsEntry(Outcome.EXPIRED, 99)
                .containsEntry(Outcome.SUCCEEDED, 1);
        assertThat(run(begun).head().status()).isEqualTo(RunState.Status.ENDED);
    }

    @Test
    void stopsAtAShareOfAllDatabases() {
        Run begun = begin("rollout: {maxParallel: 10, stopAfter: {percent: 5}}");
        dispatch(begun);
        List.copyOf(atWork).subList(0, 4).forEach(command -> answer(begun, command, Outcome.FAILED));
        assertThat(dispatch(begun)).hasSize(4);
        answer(begun, atWork.get(0), Outcome.OFFLINE);

        assertThat(dispatch(begun)).isEmpty();
        assertThat(run(begun).tally().planned()).isZero();
    }

    @Test
    void triesAgainWithANewCommandWhatMayPassAndNothingElse() {
        Run begun = begin("retry: {attempts: 1, backoff: 5m}");
        dispatch(begun);
        Command busy = atWork.get(0);
        answer(begun, busy, Outcome.FAILED, new Reason(Code.LOCK_TIMEOUT, "table is locked"));
        answer(begun, atWork.get(0), Outcome.FAILED, new Reason(Code.PERMISSION_DENIED, "no"));

        assertThat(dispatch(begun)).isEmpty();
        now = now.plusSeconds(300);
        List<Command> again = dispatch(begun);

        assertThat(again).extracting(command -> command.id().text()).containsExactly(busy.id() + "/retry-1");
        answer(begun, again.get(0), Outcome.FAILED, new Reason(Code.LOCK_TIMEOUT, "still locked"));
        now = now.plusSeconds(3000);
        assertThat(dispatch(begun)).isEmpty();
        assertThat(run(begun).tally().ended()).containsEntry(Outcome.FAILED, 2);
    }

    @Test
    void triesAgainOnTheExecutorThatTheRunWasFrozenForThoughTheDatabaseHasMoved() {
        Run begun = begin("retry: {attempts: 1, backoff: 5m}");
        dispatch(begun);
        Command busy = atWork.get(0);
        answer(begun, busy, Outcome.CONTENDED, new Reason(Code.LOCK_TIMEOUT, "another executor has it"));
        now = now.plusSeconds(300);
        fleet.register(executor("other", now, Map.of(), busy.database().text()));

        assertThat(dispatch(begun)).singleElement().satisfies(again -> {
            assertThat(again.id().text()).isEqualTo(busy.id() + "/retry-1");
            assertThat(again.executor()).isEqualTo(busy.executor());
        });
    }

    @Test
    void believesOnlyTheExecutorThatWasAsked() {
        Run begun = begin();
        dispatch(begun);
        Target target = run(begun).targets().get(0);
        Result real = result(run(begun), target, Outcome.SUCCEEDED, now);
        Result forged = new Result(
                real.command(),
                real.run(),
                real.origin(),
                real.database(),
                new dev.upkeep.common.id.ExecutorId("mallory"),
                real.asOf(),
                false,
                Outcome.SUCCEEDED,
                List.of(),
                1,
                now,
                Optional.empty(),
                now,
                List.of());

        book.apply(List.of(forged), now);
        assertThat(run(begun).tally().sent()).isEqualTo(100);

        book.apply(List.of(real, real), now);
        assertThat(run(begun).tally().sent()).isEqualTo(99);
    }

    @Test
    void givesUpOnSilenceAndStillBelievesALateResult() {
        Run begun = begin("startWithin: 10m", "finishWithin: 1h");
        dispatch(begun);
        Ledger ledger = new Ledger(fleet, Duration.ofMinutes(1));
        fleet.register(executor("e", TWO.plusSeconds(3_000), List.of()));

        assertThat(ledger.sweep(run(begun), TWO.plusSeconds(3_000))).isEqualTo(run(begun));
        Run silent = ledger.sweep(run(begun), TWO.plusSeconds(3_200));
        assertThat(silent.tally().ended()).containsEntry(Outcome.OFFLINE, 100);
        assertThat(silent.head().status()).isEqualTo(RunState.Status.ENDED);
        assertThat(silent.targets().get(0).reasons().get(0).message())
                .isEqualTo("no result came from executor e, last heard at 2026-11-21T02:50:00Z");

        book.changed(silent);
        book.apply(List.of(result(silent, silent.targets().get(0), Outcome.SUCCEEDED, now)), now);
        assertThat(run(begun).tally().ended()).containsEntry(Outcome.SUCCEEDED, 1);
    }

    @Test
    void pausesAPolicyForADatabaseAfterSoManyBadEndsInARow() {
        Run begun = begin("pauseAfter: 3");
        dispatch(begun);
        Run run = run(begun);
        Strikes strikes = new Strikes();
        Target bad = Retries.after(
                run.head(),
                run.targets().get(0),
                result(run, run.targets().get(0), Outcome.FAILED, now, new Reason(Code.DISK_FULL, "no room")));
        Target good = Retries.after(run.head(), run.targets().get(0), result(run, bad, Outcome.NOTHING_TO_DO, now));

        assertThat(strikes.note(run, bad, now)).isEmpty();
        assertThat(strikes.note(run, bad, now)).isEmpty();
        assertThat(strikes.note(run, good, now)).isEmpty();
        assertThat(strikes.note(run, bad, now)).isEmpty();
        assertThat(strikes.note(run, bad, now)).isEmpty();
        assertThat(strikes.note(run, bad, now)).hasValueSatisfying(pause -> {
            assertThat(pause.policy()).contains(new dev.upkeep.common.id.PolicyName("p"));
            assertThat(pause.reason()).isEqualTo("ended badly 3 times in a row on db000, at last: disk-full: no room");
            assertThat(pause.until()).isEqualTo(now.plus(Strikes.PAUSE));
        });
        assertThat(strikes.note(run, bad, now)).isEmpty();
    }
}
