package dev.upkeep.scheduler.firing;

import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static dev.upkeep.scheduler.fixture.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.Turns;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a firing becomes: accepted, skipped, or without some of its databases. */
class PolicyRunsTest {
    private static final Instant TWO = Instant.parse("2026-11-21T02:00:00Z");
    private static final List<Registration> FLEET = List.of(executor("e", TWO, Map.of(), "a", "b"));

    private static Run fire(Policy policy, Instant now, Control... controls) {
        return fire(policy, now, Map.of(), controls);
    }

    private static Run fire(Policy policy, Instant now, Map<DatabaseId, Run> busy, Control... controls) {
        List<Control> active = List.of(controls);
        return new PolicyRuns(new Freezer(FLEET, active), active).fire(new Firing(policy, TWO, 0), busy, now);
    }

    private static Control control(Control.Kind kind, Optional<PolicyName> policy, Optional<Selector> select) {
        return new Control(
                new ControlId("c"),
                kind,
                policy,
                select,
                "ana",
                "release",
                TWO.minusSeconds(60),
                TWO.plusSeconds(3600));
    }

    private static Selector only(String database) {
        return new Selector(List.of(), List.of(), List.of(new Glob(database)), List.of(), false);
    }

    private static Code code(Run run) {
        return run.head().reasons().get(0).code();
    }

    @Test
    void freezesItsDatabasesUnderItsNominalTime() {
        Run run = fire(policy("startWithin: 30m"), TWO.plusMillis(400));

        assertThat(run.head().id().text()).isEqualTo("p@2026-11-21T02:00Z");
        assertThat(run.head().asOf()).isEqualTo(TWO);
        assertThat(run.head().validity().orElseThrow().startBy()).isEqualTo(TWO.plusSeconds(1800));
        assertThat(run.targets())
                .extracting(target -> target.command().text())
                .containsExactly("p/a@2026-11-21T02:00Z", "p/b@2026-11-21T02:00Z");
    }

    @Test
    void endsItsWorkWithTheWindow() {
        Run run = fire(policy("window: {start: \"01:00\", duration: 3h}"), TWO);

        assertThat(run.head().validity().orElseThrow().finishBy()).isEqualTo(Instant.parse("2026-11-21T04:00:00Z"));
    }

    @Test
    void isSkippedWhenTheWindowIsClosedAtItsTime() {
        Run run = fire(policy("window: {start: \"01:00\", duration: 3h, days: [sunday]}"), TWO);

        assertThat(run.head().status()).isEqualTo(RunState.Status.SKIPPED);
        assertThat(code(run)).isEqualTo(Code.WINDOW_CLOSED);
    }

    @Test
    void runsLateWhileItMayStillStart() {
        Policy policy = policy("window: {start: \"01:00\", duration: 3h}");

        assertThat(fire(policy, TWO.plusSeconds(3600)).head().status()).isEqualTo(RunState.Status.ACCEPTED);
        assertThat(fire(policy, TWO.plusSeconds(7201)).head().status()).isEqualTo(RunState.Status.SKIPPED);
        assertThat(code(fire(policy, TWO.plusSeconds(7201)))).isEqualTo(Code.TOO_LATE);
    }

    @Test
    void isSkippedOrRunWhenMissedAsThePolicySays() {
        Instant late = TWO.plusSeconds(30 * 3600);
        Run skipped = fire(policy("schedule: {cron: \"0 2 * * *\", missed: skip}"), TWO.plusSeconds(61));
        Run run = fire(policy("schedule: {cron: \"0 2 * * *\", missed: run}"), late);

        assertThat(skipped.head().status()).isEqualTo(RunState.Status.SKIPPED);
        assertThat(run.head().status()).isEqualTo(RunState.Status.ACCEPTED);
        assertThat(run.head().validity().orElseThrow().notBefore()).isEqualTo(late);
        assertThat(run.head().asOf()).isEqualTo(TWO);
    }

    @Test
    void isSkippedWhilePausedByFileOrByControl() {
        Control pause = control(Control.Kind.PAUSE, Optional.of(new PolicyName("p")), Optional.empty());
        Control other = control(Control.Kind.PAUSE, Optional.of(new PolicyName("q")), Optional.empty());

        assertThat(code(fire(policy("paused: true"), TWO))).isEqualTo(Code.PAUSED);
        assertThat(fire(policy(), TWO, pause).head().reasons().get(0).message())
                .isEqualTo("paused until 2026-11-21T03:00:00Z by ana (c): release");
        assertThat(fire(policy(), TWO, other).head().status()).isEqualTo(RunState.Status.ACCEPTED);
    }

    @Test
    void leavesOutDatabasesUnderAPauseABlackoutOrAHold() {
        Control pause = control(Control.Kind.PAUSE, Optional.empty(), Optional.of(only("a")));
        Control blackout = control(Control.Kind.BLACKOUT, Optional.empty(), Optional.of(only("b")));
        Control hold = control(Control.Kind.HOLD, Optional.empty(), Optional.of(only("a")));
        Policy purge = policy("tasks: [{type: purge, rules: [{table: t, column: c, keep: 9d}]}]");

        assertThat(skippedBy(fire(policy(), TWO, pause))).containsExactly("a paused");
        assertThat(skippedBy(fire(policy(), TWO, blackout))).containsExactly("b blackout");
        assertThat(skippedBy(fire(policy(), TWO, hold))).isEmpty();
        assertThat(skippedBy(fire(purge, TWO, hold))).containsExactly("a hold");
    }

    private static List<String> skippedBy(Run run) {
        return run.targets().stream()
                .filter(target -> target.outcome().equals(Optional.of(Outcome.SKIPPED)))
                .map(target -> target.database() + " "
                        + target.reasons().get(0).code().name().toLowerCase(java.util.Locale.ROOT))
                .toList();
    }

    @Test
    void leavesOutADatabaseOnWhichTheEarlierRunGoesOn() {
        Run earlier = sent(fire(policy(), TWO));
        Run later = fire(policy(), TWO, Map.of(new DatabaseId("a"), earlier));

        assertThat(skippedBy(later)).containsExactly("a overlap");
        assertThat(later.targets())
                .filteredOn(target -> target.status() == Target.Status.PLANNED)
                .hasSize(1);
    }

    @Test
    void letsOneRunWaitAndNotTwoWhenOverlapsQueue() {
        Policy queue = policy("schedule: {cron: \"0 2 * * *\", overlap: queue}");
        Run working = sent(fire(queue, TWO));
        Run waiting = fire(queue, TWO, Map.of(new DatabaseId("a"), working));
        Run third = fire(queue, TWO, Map.of(new DatabaseId("a"), waiting));

        assertThat(skippedBy(waiting)).isEmpty();
        assertThat(skippedBy(third)).containsExactly("a overlap");
        assertThat(new Dispatch(new Fleet(), List.of(), TWO)
                        .due(waiting, behind("a"), 10)
                        .commands())
                .extracting(command -> command.database().text())
                .containsExactly("b");
    }

    private static Turns behind(String database) {
        return new Turns() {
            @Override
            public boolean isWaiting(DatabaseId asked) {
                return asked.text().equals(database);
            }

            @Override
            public Optional<Reason> barred(DatabaseId asked) {
                return Optional.empty();
            }
        };
    }

    private static Run sent(Run run) {
        return new Dispatch(new Fleet(), List.of(), TWO)
                .due(run, Turns.FREE, 100)
                .run();
    }

    @Test
    void spreadsDatabasesOverTheSameMomentsEveryNight() {
        Policy policy = policy("schedule: {cron: \"0 2 * * *\", spread: 1h}");
        Run run = fire(policy, TWO);
        Fleet fleet = new Fleet();

        int early = new Dispatch(fleet, List.of(), TWO)
                .due(run, Turns.FREE, 10)
                .commands()
                .size();
        int late = new Dispatch(fleet, List.of(), TWO.plusSeconds(3600))
                .due(run, Turns.FREE, 10)
                .commands()
                .size();

        assertThat(early).isLessThan(2);
        assertThat(late).isEqualTo(2);
        assertThat(fire(policy, TWO).targets()).isEqualTo(run.targets());
        assertThat(run.head().validity().orElseThrow().startBy()).isEqualTo(TWO.plusSeconds(7200));
    }

    @Test
    void isOverdueWithoutAGoodRunForLongerThanItAllows() {
        Policy policy = policy("alertIfMissing: 36h");
        Run sent = sent(fire(policy, TWO));
        RunBook book = new RunBook(Duration.ofDays(3), 100);
        book.written(sent);
        sent.targets().forEach(target -> book.apply(List.of(result(sent, target, Outcome.SUCCEEDED, TWO)), TWO));
        Instant longAgo = TWO.minusSeconds(1_000_000);

        assertThat(Overdue.of(policy(), book.all(), longAgo)).isEmpty();
        assertThat(isOverdue(policy, List.of(sent), longAgo, TWO)).isTrue();
        assertThat(isOverdue(policy, List.of(sent), TWO, TWO.plusSeconds(36 * 3600)))
                .isFalse();
        assertThat(isOverdue(policy, book.all(), longAgo, TWO.plusSeconds(36 * 3600)))
                .isFalse();
        assertThat(isOverdue(policy, book.all(), longAgo, TWO.plusSeconds(36 * 3600 + 1)))
                .isTrue();
    }

    @Test
    void isOverdueSinceTheFirstRunOnRecordThoughTheLeaderIsNew() {
        Policy policy = policy("alertIfMissing: 36h");
        Run skipped = fire(policy("paused: true"), TWO);
        Instant newLeader = TWO.plusSeconds(40 * 3600);

        assertThat(isOverdue(policy, List.of(skipped), newLeader, newLeader)).isTrue();
        assertThat(isOverdue(policy, List.of(), newLeader, newLeader)).isFalse();
    }

    private static boolean isOverdue(Policy policy, List<Run> runs, Instant began, Instant now) {
        return Overdue.of(policy, runs, began).orElseThrow().isAt(now);
    }
}
