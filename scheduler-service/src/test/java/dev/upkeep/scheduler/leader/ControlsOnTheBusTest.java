package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.fixture.SteppingClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds, pauses and blackouts on a real broker: who leads does not matter, and they end by the clock or by being lifted. The
 * clock stands unless a test moves it; each test has policies and databases to itself.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ControlsOnTheBusTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PURGE = "{type: purge, rules: [{table: t, column: c, keep: 90d}]}";

    private final SteppingClock clock =
            new SteppingClock(Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(600));
    private final List<World> worlds = new ArrayList<>();
    private Path policies = Path.of("unset");
    private Stage stage;
    private World world;
    private int leader;

    @BeforeAll
    void begin(@TempDir Path folder) {
        policies = folder;
        stage = new Stage(policies, clock);
        worlds.add(stage.replica("c0"));
        world = worlds.get(0);
        await().atMost(PATIENCE).until(() -> stage.leaders() == 1);
        worlds.add(stage.replica("c1"));
    }

    @AfterAll
    void end() {
        stage.close();
    }

    @Test
    void aHoldKeepsWhatRemovesDataFromADatabaseWhoeverLeadsUntilItsEndHasCome() throws Exception {
        databases("hold", "hold/a", "hold/b");
        policy("hold-purge", PURGE, "");
        policy("hold-look", "{type: health-check}", "");
        control("audit-2026", Control.Kind.HOLD, Optional.empty(), "{databases: [hold/a]}", Duration.ofMinutes(140));

        String first = nextHour("hold-purge");
        assertThat(target(first, "hold/a")).satisfies(held -> {
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
        assertThat(target("hold-by-hand", "hold/a").reasons().get(0).code()).isEqualTo(Code.HOLD);
        String second = nextHour("hold-purge");
        stage.result(command(second, "hold/b"), Outcome.SUCCEEDED);
        assertThat(target(second, "hold/a").reasons().get(0).code()).isEqualTo(Code.HOLD);

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
        assertThat(target("dark-1", "dark/a").reasons().get(0).code()).isEqualTo(Code.BLACKOUT);

        clock.pass(Duration.ofMinutes(29));
        request("dark-2", "dark", "{type: health-check}");
        assertThat(target("dark-2", "dark/a").reasons().get(0).code()).isEqualTo(Code.BLACKOUT);

        clock.pass(Duration.ofMinutes(1));
        request("dark-3", "dark", "{type: health-check}");
        command("dark-3", "dark/a");
    }

    private void policy(String name, String task, String more) throws IOException {
        Files.writeString(policies.resolve(name + ".yaml"), """
                name: %s
                select: {labels: [own=%s]}
                schedule: {every: 1h}
                tasks: [%s]
                %s
                """.formatted(
                        name, name.substring(0, name.indexOf('-')), task, more));
        await().atMost(PATIENCE)
                .until(() ->
                        world.policies().inForce().find(new PolicyName(name)).isPresent());
    }

    /** The broker's clock is not the test's, so that the request must be good for long. */
    private void request(String id, String test, String task) throws Unreadable {
        String text = "{id: " + id + ", select: {labels: [own=" + test + "]}, tasks: [" + task
                + "], startWithin: 6d, finishWithin: 6d}";
        stage.request(new String(
                Wire.write(Wire.readYaml(text.getBytes(StandardCharsets.UTF_8), Request.class)),
                StandardCharsets.UTF_8));
    }

    private void databases(String test, String... databases) {
        stage.executor(test + "-host", Engine.SQLITE, Map.of("own", test), databases);
        await().atMost(PATIENCE)
                .until(() -> world.fleet().find(new ExecutorId(test + "-host")).isPresent());
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

    /** Sets the clock to the next full hour, at which hourly policies fire; the run's id ends with it. */
    private String nextHour(String policy) {
        Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
        clock.set(hour.plusSeconds(1));
        String run = policy + "@" + hour.toString().replace(":00Z", "Z");
        run(run);
        return run;
    }

    private RunState run(String id) {
        await().atMost(PATIENCE).until(() -> stage.runs().containsKey(id));
        return stage.runs().get(id);
    }

    private List<Command> commands(String run) {
        return stage.commands().stream()
                .filter(command -> command.run().text().equals(run))
                .toList();
    }

    private Command command(String run, String database) {
        await().atMost(PATIENCE)
                .until(() -> commands(run).stream()
                        .anyMatch(command -> command.database().text().equals(database)));
        return commands(run).stream()
                .filter(command -> command.database().text().equals(database))
                .findFirst()
                .orElseThrow();
    }

    /** A target that has ended. */
    private Target target(String run, String database) {
        await().atMost(PATIENCE)
                .until(() -> run(run).targets().stream()
                        .anyMatch(target ->
                                target.database().text().equals(database) && target.status() == Target.Status.ENDED));
        return run(run).targets().stream()
                .filter(target -> target.database().text().equals(database))
                .findFirst()
                .orElseThrow();
    }

    /** The replica that stands by takes over, with nothing but the topics to go by, and another one stands by. */
    private void changeLeader() {
        stage.replica(leader).stop();
        await().atMost(Duration.ofSeconds(60)).until(() -> leading() >= 0);
        worlds.add(stage.replica("c" + worlds.size()));
    }

    private int leading() {
        for (int replica = 0; replica < worlds.size(); replica++) {
            if (replica != leader && stage.replica(replica).standing().role() == Standing.Role.LEADER) {
                leader = replica;
                world = worlds.get(replica);
                return replica;
            }
        }
        return -1;
    }
}
