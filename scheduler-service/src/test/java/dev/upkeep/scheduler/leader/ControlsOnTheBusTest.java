package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Holds, pauses and blackouts on a real broker: who leads does not matter, and they end by the clock or by being lifted.
 */
class ControlsOnTheBusTest extends TwoReplicas {
    private static final String PURGE = "{type: purge, rules: [{table: t, column: c, keep: 90d}]}";

    @Test
    void aHoldKeepsWhatRemovesDataFromADatabaseWhoeverLeadsUntilItsEndHasCome() throws Exception {
        databases("hold", "hold/a", "hold/b");
        policy("hold-purge", PURGE, "");
        policy("hold-look", "{type: health-check}", "");
        control("audit-2026", Control.Kind.HOLD, Optional.empty(), "{databases: [hold/a]}", Duration.ofMinutes(140));

        String first = nextHour("hold-purge");
        assertThat(endedTarget(first, "hold/a")).satisfies(held -> {
            assertThat(held.outcome()).contains(Outcome.SKIPPED);
            assertThat(held.reasons()).singleElement().satisfies(why -> {
                assertThat(why.code()).isEqualTo(Code.HOLD);
                assertThat(why.message()).contains("legal", "audit-2026", "they look at it", "until ");
            });
        });
        stage.result(command(first, "hold/b"), Outcome.SUCCEEDED);
        command(first.replace("purge", "look"), "hold/a");

        changeLeader();
        request("hold-by-hand", "hold", PURGE);
        stage.result(command("hold-by-hand", "hold/b"), Outcome.SUCCEEDED);
        assertThat(endedTarget("hold-by-hand", "hold/a").reasons().get(0).code())
                .isEqualTo(Code.HOLD);
        String second = nextHour("hold-purge");
        stage.result(command(second, "hold/b"), Outcome.SUCCEEDED);
        assertThat(endedTarget(second, "hold/a").reasons().get(0).code()).isEqualTo(Code.HOLD);

        assertThat(stage.metrics().get("upkeep.scheduler.firing.lag").timer().max(TimeUnit.SECONDS))
                .as("the clock is set to a second after the hour")
                .isEqualTo(1);
        assertThat(stage.metrics().get("upkeep.scheduler.rebuild").timer().count())
                .as("elections")
                .isGreaterThanOrEqualTo(2);

        String third = nextHour("hold-purge");
        assertThat(command(third, "hold/a").run().text()).isEqualTo(third);
    }

    @Test
    void aHoldThatComesDuringARolloutBindsWhatIsNotSentYetWhoeverLeads() throws Exception {
        databases("roll", "roll/a", "roll/b", "roll/c");
        policy("roll-purge", PURGE, "rollout: {maxParallel: 1}");
        String run = nextHour("roll-purge");
        await().atMost(PATIENCE).until(() -> commands(run).size() == 1);
        Command underWay = commands(run).get(0);

        stage.control(new Control(
                new ControlId("stop-that"),
                Control.Kind.HOLD,
                Optional.empty(),
                Optional.empty(),
                "ana",
                "something looks wrong",
                clock.instant(),
                clock.instant().plus(Duration.ofMinutes(30))));
        changeLeader();
        await().atMost(PATIENCE).until(() -> isKnown("stop-that"));
        stage.result(underWay, Outcome.SUCCEEDED);

        await().atMost(PATIENCE).until(() -> run(run).status() == RunState.Status.ENDED);
        assertThat(commands(run)).hasSize(1);
        assertThat(run(run).targets())
                .filteredOn(target -> !target.database().equals(underWay.database()))
                .hasSize(2)
                .allSatisfy(target -> {
                    assertThat(target.outcome()).contains(Outcome.SKIPPED);
                    assertThat(target.reasons().get(0).code()).isEqualTo(Code.HOLD);
                    assertThat(target.reasons().get(0).message()).contains("ana", "something looks wrong");
                });
        stage.end(new ControlId("stop-that"));
        await().atMost(PATIENCE).until(() -> !isKnown("stop-that"));
    }

    @Test
    void aPauseKeepsAPolicyFromFiringWhoeverLeadsUntilItIsResumed() throws Exception {
        databases("pause", "pause/a");
        policy("pause-look", "{type: health-check}", "");
        control("quiet-please", Control.Kind.PAUSE, Optional.of("pause-look"), "", Duration.ofDays(10));

        String first = nextHour("pause-look");
        assertThat(run(first).status()).isEqualTo(RunState.Status.SKIPPED);
        assertThat(run(first).reasons().get(0).code()).isEqualTo(Code.PAUSED);
        assertThat(run(first).reasons().get(0).message()).contains("legal", "quiet-please", "they look at it");
        changeLeader();
        assertThat(run(nextHour("pause-look")).status()).isEqualTo(RunState.Status.SKIPPED);

        stage.end(new ControlId("quiet-please"));
        await().atMost(PATIENCE).until(() -> !isKnown("quiet-please"));
        String resumed = nextHour("pause-look");
        assertThat(run(resumed).status()).isEqualTo(RunState.Status.ACCEPTED);
        command(resumed, "pause/a");
    }

    @Test
    void aBlackoutStopsRequestsTooAndIsOverByTheClock() throws Exception {
        databases("dark", "dark/a");
        control("dark-hour", Control.Kind.BLACKOUT, Optional.empty(), "{labels: [own=dark]}", Duration.ofMinutes(30));
        request("dark-1", "dark", "{type: health-check}");
        assertThat(endedTarget("dark-1", "dark/a").reasons().get(0).code()).isEqualTo(Code.BLACKOUT);

        clock.pass(Duration.ofMinutes(29));
        request("dark-2", "dark", "{type: health-check}");
        assertThat(endedTarget("dark-2", "dark/a").reasons().get(0).code()).isEqualTo(Code.BLACKOUT);

        clock.pass(Duration.ofMinutes(1));
        request("dark-3", "dark", "{type: health-check}");
        command("dark-3", "dark/a");
    }

    private void policy(String name, String task, String more) throws IOException {
        policy(name, "{every: 1h}", task, more);
    }

    /** The broker's clock is not the test's, so that the request must be good for long. */
    private void request(String id, String test, String task) throws Unreadable {
        String text = "{id: " + id + ", select: {labels: [own=" + test + "]}, tasks: [" + task
                + "], startWithin: 6d, finishWithin: 6d}";
        stage.request(new String(
                Wire.write(Wire.readYaml(text.getBytes(StandardCharsets.UTF_8), Request.class)),
                StandardCharsets.UTF_8));
    }

    private void control(String id, Control.Kind kind, Optional<String> policy, String select, Duration length)
            throws Unreadable {
        stage.control(new Control(
                new ControlId(id),
                kind,
                policy.map(PolicyName::new),
                select.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Wire.readYaml(select.getBytes(StandardCharsets.UTF_8), Selector.class)),
                "legal",
                "they look at it",
                clock.instant(),
                clock.instant().plus(length)));
        await().atMost(PATIENCE).until(() -> isKnown(id));
    }

    private boolean isKnown(String control) {
        return world.controls().all().stream()
                .anyMatch(known -> known.id().text().equals(control));
    }

    private Target endedTarget(String run, String database) {
        await().atMost(PATIENCE).until(() -> target(run, database).status() == Target.Status.ENDED);
        return target(run, database);
    }
}
