package dev.upkeep.scheduler.run;

import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static dev.upkeep.scheduler.fixture.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fixture.Fixtures;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A run over 12,000 databases that is cancelled, or given up, in steps of bounded size. */
@SuppressWarnings("ReferenceEquality") // an unchanged run is the same object
class StopTest {
    private static final Instant TWO = Instant.parse("2026-11-21T02:00:00Z");
    private static final int DATABASES = 12_000;
    private static final RunPlan.Stop ORDER = new RunPlan.Stop(Optional.of("ana"), Optional.of("wrong night"));

    private final Fleet fleet = new Fleet();
    private final Dispatch dispatch = new Dispatch(fleet, List.of(), TWO);

    /** Of which so many commands are sent. */
    private Run begun(int sent, String... lines) {
        List<RegisteredDatabase> databases = new ArrayList<>();
        for (int i = 0; i < DATABASES; i++) {
            databases.add(Fixtures.database(String.format("db%05d", i), Map.of(), Task.names()));
        }
        Registration executor = executor("e", TWO, databases);
        fleet.register(executor);
        Run run = new PolicyRuns(new Freezer(List.of(executor), List.of()), List.of())
                .fire(new Firing(policy(lines), TWO, 0), Map.of(), TWO);
        while (run.tally().sent() < sent) {
            run = dispatch.due(
                            run, Turns.FREE, Math.min(1_000, sent - run.tally().sent()))
                    .run();
        }
        return run;
    }

    @Test
    void tellsEachExecutorOnceInStepsThatStaySmall() {
        Run run = begun(7_000);
        List<CommandId> told = new ArrayList<>();
        int steps = 0;

        Dispatch.Dispatched step = dispatch.stop(run, ORDER, 1_000);
        assertThat(step.more()).isTrue();
        while (step.run() != run) {
            assertThat(step.run().changedFrom(run)).as("parts of one step").hasSizeLessThanOrEqualTo(Slice.PARTS + 1);
            assertThat(step.cancels()).hasSizeLessThanOrEqualTo(1_000).allSatisfy(cancel -> {
                assertThat(cancel.requestedBy()).contains("ana");
                assertThat(cancel.reason()).contains("wrong night");
            });
            step.cancels().stream().map(Cancel::command).forEach(told::add);
            run = step.run();
            steps++;
            step = dispatch.due(run, Turns.FREE, 1_000);
        }

        assertThat(steps).isGreaterThanOrEqualTo(12);
        assertThat(told).hasSize(7_000).doesNotHaveDuplicates();
        assertThat(run.tally().planned()).isZero();
        assertThat(run.tally().ended()).containsEntry(Outcome.CANCELLED, 5_000);
        assertThat(run.isOver()).isFalse();
        assertThat(dispatch.stop(run, ORDER, 1_000).cancels()).isEmpty();
    }

    @Test
    void goesOnWhereItStoppedFromWhatStandsOnTheTopic() throws Unreadable {
        Run before = begun(5_000);
        Dispatch.Dispatched first = dispatch.stop(before, ORDER, 1_000);
        Set<CommandId> told = new HashSet<>();
        first.cancels().forEach(cancel -> told.add(cancel.command()));

        Run run = readAgain(first.run());
        for (Dispatch.Dispatched step = dispatch.due(run, Turns.FREE, 1_000);
                step.run() != run;
                step = dispatch.due(run, Turns.FREE, 1_000)) {
            assertThat(step.commands()).isEmpty();
            assertThat(step.cancels()).allSatisfy(cancel -> {
                assertThat(told.add(cancel.command())).as("told once").isTrue();
                assertThat(cancel.requestedBy()).contains("ana");
            });
            run = readAgain(step.run());
        }

        assertThat(told).hasSize(5_000);
        assertThat(run.tally().planned()).isZero();
    }

    /** As a new leader knows the run: from its records alone. */
    private static Run readAgain(Run run) throws Unreadable {
        List<List<Target>> parts = new ArrayList<>();
        for (int part = 0; part < run.parts().size(); part++) {
            parts.add(
                    Wire.read(Wire.write(run.state(part, TWO)), RunState.class).targets());
        }
        RunPlan plan = Wire.read(Wire.write(run.head().plan()), RunPlan.class);
        RunState head = Wire.read(Wire.write(run.state(0, TWO)), RunState.class);
        return Run.ofParts(RunHead.of(head, plan), parts);
    }

    @Test
    void sendsACommandThatWasToldToStopNotAgainWhateverItsResult() {
        Run run = begun(200, "retry: {attempts: 3, backoff: 1m}");
        RunBook book = new RunBook(Duration.ofDays(1), 10);
        Target target = run.target(7);

        Dispatch.Dispatched stopped = dispatch.stop(run, ORDER, target.command());
        book.written(stopped.run());
        book.apply(
                List.of(result(
                        stopped.run(), target, Outcome.FAILED, TWO, new Reason(Code.LOCK_TIMEOUT, "table is locked"))),
                TWO);

        assertThat(stopped.cancels()).extracting(Cancel::command).containsExactly(target.command());
        assertThat(book.find(run.head().id()).orElseThrow().target(7).outcome()).contains(Outcome.FAILED);
    }

    @Test
    void endsALargeRunOfWhichNothingWasSentOnlyAfterItsOtherParts() {
        Run run = begun(0);

        Dispatch.Dispatched first = dispatch.stop(run, ORDER, DATABASES);

        assertThat(first.run().isOver()).isFalse();
        assertThat(first.run().changedFrom(run)).hasSizeLessThanOrEqualTo(Slice.PARTS + 1);
        Run last = first.run();
        for (Dispatch.Dispatched step = dispatch.due(last, Turns.FREE, 1_000);
                step.run() != last;
                step = dispatch.due(last, Turns.FREE, 1_000)) {
            last = step.run();
        }
        assertThat(last.isOver()).isTrue();
        assertThat(last.tally().ended()).containsEntry(Outcome.CANCELLED, DATABASES);
    }

    @Test
    void givesUpOnManySilentExecutorsStepByStep() {
        Run run = begun(DATABASES, "startWithin: 10m", "finishWithin: 1h");
        Ledger ledger = new Ledger(fleet, Duration.ofMinutes(1));
        Instant later = TWO.plus(Duration.ofHours(2));

        Run once = ledger.sweep(run, later);
        Run twice = ledger.sweep(once, later);
        Run thrice = ledger.sweep(twice, later);

        assertThat(once.tally().ended()).containsEntry(Outcome.OFFLINE, Ledger.MOST);
        assertThat(twice.isOver()).isFalse();
        assertThat(thrice.tally().ended()).containsEntry(Outcome.OFFLINE, DATABASES);
        assertThat(thrice.isOver()).isTrue();
    }

    @Test
    void looksAtSoManyDatabasesPerStepThoughEachOfThemWaits() {
        Run run = begun(0);
        Set<String> looked = new HashSet<>();
        Turns none = new Turns() {
            @Override
            public boolean isWaiting(dev.upkeep.common.id.DatabaseId database) {
                looked.add(database.text());
                return true;
            }

            @Override
            public Optional<Reason> barred(dev.upkeep.common.id.DatabaseId database) {
                return Optional.empty();
            }
        };

        Dispatch.Dispatched first = dispatch.due(run, none, 0, 1_000);

        assertThat(looked).hasSize(Dispatch.LOOKS);
        assertThat(first.next()).isEqualTo(Dispatch.LOOKS);
        assertThat(dispatch.due(run, none, first.next(), 1_000).next()).isZero();
        assertThat(looked).hasSize(DATABASES);
    }
}
