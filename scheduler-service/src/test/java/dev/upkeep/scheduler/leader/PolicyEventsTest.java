package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What policies make of each other and of what happens, on a real broker: chains, answers to findings, late joiners, missing
 * runs, overlaps, automatic pauses, and a clock that is set. Some change the leader
 * in the middle.
 */
class PolicyEventsTest extends TwoReplicas {
    private static final Duration HOUR = Duration.ofHours(1);

    @AfterEach
    void takePoliciesAway() throws IOException {
        try (var files = Files.list(policies)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        await().until(() -> world.policies().inForce().all().isEmpty());
    }

    private void policy(String name, String schedule, String more) throws IOException {
        policy(name, schedule, "{type: health-check}", more);
    }

    private List<RunState> runsLike(String prefix) {
        return stage.runs().values().stream()
                .filter(run -> run.run().text().startsWith(prefix))
                .toList();
    }

    /** Whatever was decided before this has been written after it. */
    private void afterAnotherDecision() {
        String id = "after-" + System.nanoTime();
        stage.request("{\"id\": \"" + id + "\"}");
        run(id);
        await().atMost(PATIENCE).until(() -> world.book().changed().isEmpty());
    }

    @Test
    void sendsAPolicysTasksToEachDatabaseOnWhichThePolicyBeforeHasEndedWell() throws IOException {
        databases("chain", "chain/a", "chain/b");
        policy("chain-first", "{every: 1h}", "");
        policy("chain-second", "{after: {policy: chain-first}}", "");
        policy("chain-third", "{after: {policy: chain-second, outcome: any}}", "");
        String first = nextHour("chain-first");
        String second = first.replace("first", "second");
        String third = first.replace("first", "third");

        assertThat(run(second).targets()).extracting(Target::status).containsOnly(Target.Status.PLANNED);
        stage.result(command(first, "chain/a"), Outcome.SUCCEEDED);
        command(second, "chain/a");
        assertThat(commands(second)).hasSize(1);
        changeLeader();
        stage.result(command(first, "chain/b"), Outcome.FAILED, new Reason(Code.DISK_FULL, "no room"));
        stage.result(command(second, "chain/a"), Outcome.SUCCEEDED);

        assertThat(ended(second).targets())
                .filteredOn(target -> target.database().text().equals("chain/b"))
                .singleElement()
                .satisfies(target -> {
                    assertThat(target.outcome()).contains(Outcome.SKIPPED);
                    assertThat(target.reasons().get(0).code()).isEqualTo(Code.PREDECESSOR_FAILED);
                    assertThat(target.reasons().get(0).message())
                            .isEqualTo("run " + first + " ended as failed on this database");
                });
        assertThat(commands(second)).hasSize(1);
        command(third, "chain/a");
        command(third, "chain/b");
    }

    @Test
    void answersAFindingOnceWhoeverLeadsAndHoweverOftenItsResultComes() throws IOException {
        databases("act", "act/a", "act/b");
        policy("act-check", "{every: 1h}", "");
        policy(
                "act-vacuum",
                "{onFinding: {check: freelist, atLeast: critical, act: run, cooldown: 2h, mostPerDay: 2}}",
                "");
        Command check = command(nextHour("act-check"), "act/a");
        clock.pass(Duration.ofMinutes(1));
        stage.finding(check, "freelist", Severity.WARNING);
        afterAnotherDecision();
        assertThat(runsLike("act-vacuum")).isEmpty();

        check = command(nextHour("act-check"), "act/a");
        clock.pass(Duration.ofMinutes(1));
        stage.finding(check, "freelist", Severity.CRITICAL);
        stage.finding(check, "freelist", Severity.CRITICAL);
        await().atMost(PATIENCE).until(() -> runsLike("act-vacuum-finding").size() == 1);
        stage.finding(check, "freelist", Severity.CRITICAL);
        changeLeader();
        stage.finding(check, "freelist", Severity.CRITICAL);
        afterAnotherDecision();

        assertThat(runsLike("act-vacuum-finding")).singleElement().satisfies(run -> {
            assertThat(run.status()).isEqualTo(RunState.Status.ACCEPTED);
            assertThat(run.origin().reason().orElseThrow())
                    .contains("freelist is critical")
                    .contains("act-check/act/a");
            assertThat(run.targets())
                    .extracting(target -> target.database().text())
                    .containsExactly("act/a");
        });
        command(runsLike("act-vacuum-finding").get(0).run().text(), "act/a");

        stage.result(command(runsLike("act-vacuum-finding").get(0).run().text(), "act/a"), Outcome.SUCCEEDED);

        for (int answers : List.of(1, 2, 2, 2)) {
            check = command(nextHour("act-check"), "act/a");
            clock.pass(Duration.ofMinutes(1));
            stage.finding(check, "freelist", Severity.CRITICAL);
            afterAnotherDecision();
            assertThat(runsLike("act-vacuum-finding"))
                    .as("two hours apart, two a day")
                    .hasSize(answers);
        }
    }

    @Test
    void recordsAProposalInsteadOfSendingAndBelievesOnlyResultsThatWereAskedFor() throws IOException {
        databases("propose", "propose/a", "propose/b");
        policy("propose-check", "{every: 1h}", "");
        policy("propose-vacuum", "{onFinding: {check: \"free*\"}}", "");
        Command check = command(nextHour("propose-check"), "propose/a");
        Command forged = new Command(
                new dev.upkeep.common.id.CommandId("propose-check/propose/b@2020-01-01T00:00Z"),
                check.run(),
                check.origin(),
                new dev.upkeep.common.id.DatabaseId("propose/b"),
                new ExecutorId("propose-host"),
                check.asOf(),
                check.issuedAt(),
                check.validity(),
                false,
                Optional.empty(),
                check.steps());
        clock.pass(Duration.ofMinutes(1));
        stage.finding(forged, "freelist", Severity.CRITICAL);
        stage.finding(check, "freelist", Severity.WARNING);

        await().atMost(PATIENCE).until(() -> !runsLike("propose-vacuum").isEmpty());
        afterAnotherDecision();

        assertThat(runsLike("propose-vacuum")).singleElement().satisfies(run -> {
            assertThat(run.status()).isEqualTo(RunState.Status.SKIPPED);
            assertThat(run.reasons()).extracting(Reason::code).containsExactly(Code.PROPOSED);
            assertThat(run.targets()).singleElement().satisfies(target -> {
                assertThat(target.database().text()).isEqualTo("propose/a");
                assertThat(target.outcome()).contains(Outcome.SKIPPED);
                assertThat(target.reasons().get(0).message()).contains("freelist is warning");
            });
            assertThat(commands(run.run().text())).isEmpty();
        });
    }

    @Test
    void givesARunToADatabaseThatRegistersWhileTheFiringMayStillStart() throws IOException {
        databases("late", "late/a");
        policy("late-joiners", "{every: 1h, lateJoiners: run}", "startWithin: 30m");
        policy("late-ignored", "{every: 1h}", "startWithin: 30m");
        String firing = nextHour("late-joiners");
        clock.pass(Duration.ofMinutes(10));
        databases("late", "late/a", "late/b");

        await().atMost(PATIENCE).until(() -> runsLike("late-joiners-late").size() == 1);
        RunState late = runsLike("late-joiners-late").get(0);
        changeLeader();
        clock.pass(Duration.ofMinutes(30));
        databases("late", "late/a", "late/b", "late/c");
        afterAnotherDecision();

        assertThat(late.asOf()).isEqualTo(run(firing).asOf());
        assertThat(late.validity().orElseThrow().startBy())
                .isEqualTo(run(firing).validity().orElseThrow().startBy());
        assertThat(late.targets())
                .extracting(target -> target.database().text())
                .containsExactly("late/b");
        assertThat(runsLike("late-joiners-late")).hasSize(1);
        assertThat(runsLike("late-ignored")).hasSize(1);
    }

    @Test
    void writesDownThatARunIsMissingOncePerTimeThatThePolicyAllows() throws IOException {
        databases("missing", "missing/a");
        policy("missing-run", "{every: 1h}", "alertIfMissing: 3h\npaused: true");
        nextHour("missing-run");
        clock.pass(HOUR.multipliedBy(4));

        await().atMost(PATIENCE).until(() -> runsLike("missing-run-missing").size() == 1);
        RunState missing = runsLike("missing-run-missing").get(0);
        changeLeader();
        afterAnotherDecision();

        assertThat(missing.status()).isEqualTo(RunState.Status.ENDED);
        assertThat(missing.origin().name()).isEqualTo("missing-run");
        assertThat(missing.targets()).singleElement().satisfies(target -> {
            assertThat(target.outcome()).contains(Outcome.EXPIRED);
            assertThat(target.reasons().get(0).message()).startsWith("missing: policy missing-run has had no good run");
        });
        assertThat(runsLike("missing-run-missing")).hasSize(1);
        clock.pass(HOUR.multipliedBy(3).plusSeconds(1));
        await().atMost(PATIENCE).until(() -> runsLike("missing-run-missing").size() == 2);
    }

    @Test
    void pausesAPolicyForADatabaseAfterSoManyFailuresWhoeverLeads() throws IOException {
        databases("strikes", "strikes/a", "strikes/b");
        policy("strikes-policy", "{every: 1h}", "pauseAfter: 2");
        String first = nextHour("strikes-policy");
        stage.result(command(first, "strikes/a"), Outcome.FAILED, new Reason(Code.DISK_FULL, "no room"));
        stage.result(command(first, "strikes/b"), Outcome.SUCCEEDED);
        ended(first);
        changeLeader();
        String second = nextHour("strikes-policy");
        stage.result(command(second, "strikes/a"), Outcome.FAILED, new Reason(Code.DISK_FULL, "no room"));
        stage.result(command(second, "strikes/b"), Outcome.SUCCEEDED);
        await().atMost(PATIENCE)
                .until(() -> world.controls().all().stream()
                        .anyMatch(control -> control.id().text().startsWith("auto-strikes-policy")));

        String third = nextHour("strikes-policy");

        assertThat(target(third, "strikes/a").reasons().get(0).code()).isEqualTo(Code.PAUSED);
        assertThat(target(third, "strikes/b").status()).isEqualTo(Target.Status.SENT);
        assertThat(world.controls().all())
                .filteredOn(control -> control.id().text().startsWith("auto-strikes-policy"))
                .singleElement()
                .satisfies(pause -> {
                    assertThat(pause.kind()).isEqualTo(Control.Kind.PAUSE);
                    assertThat(pause.owner()).isEqualTo("scheduler");
                    assertThat(pause.reason()).contains("ended badly 2 times in a row on strikes/a");
                    assertThat(pause.until()).isAfter(clock.instant());
                });
    }

    @Test
    void letsOneRunWaitForTheOneBeforeAndSkipsTheNextWhenOverlapsQueue() throws IOException {
        databases("queue", "queue/a");
        policy("queue-policy", "{every: 1h, overlap: queue}", "startWithin: 12h\nfinishWithin: 12h");
        String first = nextHour("queue-policy");
        command(first, "queue/a");
        String second = nextHour("queue-policy");
        String third = nextHour("queue-policy");

        assertThat(target(second, "queue/a").status()).isEqualTo(Target.Status.PLANNED);
        assertThat(target(third, "queue/a").reasons().get(0).code()).isEqualTo(Code.OVERLAP);
        changeLeader();
        assertThat(commands(second)).isEmpty();
        stage.result(command(first, "queue/a"), Outcome.SUCCEEDED);
        stage.result(command(second, "queue/a"), Outcome.SUCCEEDED);
        ended(second);
        assertThat(commands(third)).isEmpty();
    }

    @Test
    void takesInResultsThatCameWhileNobodyLedBeforeItFires() throws IOException {
        databases("gap", "gap/a");
        policy("gap-policy", "{every: 1h}", "");
        Command first = command(nextHour("gap-policy"), "gap/a");
        stopAll();
        stage.result(first, Outcome.SUCCEEDED);
        clock.pass(HOUR);
        leadAnew();

        await().atMost(PATIENCE).until(() -> runsLike("gap-policy@").size() == 2);

        assertThat(runsLike("gap-policy@").get(1).targets())
                .extracting(Target::status)
                .containsExactly(Target.Status.SENT);
    }

    @Test
    void cancelsTheRunBeforeWhenOverlapsCancel() throws IOException {
        databases("cancel", "cancel/a");
        policy("cancel-policy", "{every: 1h, overlap: cancel}", "");
        String first = nextHour("cancel-policy");
        Command running = command(first, "cancel/a");

        String second = nextHour("cancel-policy");

        assertThat(stage.lanes().keySet())
                .filteredOn(Cancel.class::isInstance)
                .extracting(message -> ((Cancel) message).command())
                .contains(running.id());
        assertThat(run(first).reasons())
                .extracting(Reason::message)
                .contains("cancelled by scheduler: the policy fired again");
        command(second, "cancel/a");
        stage.result(running, Outcome.CANCELLED);
        assertThat(ended(first).targets().get(0).outcome()).contains(Outcome.CANCELLED);
    }

    @Test
    void goesOnWritingAndFiresNothingTwiceWhenTheClockIsSetBack() throws IOException {
        databases("back", "back/a");
        policy("back-policy", "{every: 1h}", "");
        String first = nextHour("back-policy");
        Instant ahead = clock.instant();
        clock.set(ahead.minus(HOUR.multipliedBy(5)));
        stage.result(command(first, "back/a"), Outcome.SUCCEEDED);

        assertThat(ended(first).targets().get(0).outcome()).contains(Outcome.SUCCEEDED);
        for (int step = 0; step <= 5; step++) {
            afterAnotherDecision();
            clock.set(ahead.minus(HOUR.multipliedBy(5 - step)));
        }
        afterAnotherDecision();
        assertThat(runsLike("back-policy@")).hasSize(1);

        clock.pass(HOUR.multipliedBy(3));
        await().atMost(PATIENCE).until(() -> runsLike("back-policy@").size() == 2);
        afterAnotherDecision();
        assertThat(runsLike("back-policy@"))
                .as("one firing for all that a jump forward left out")
                .hasSize(2);
    }
}
