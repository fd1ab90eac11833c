package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.request.LabelRule;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.scheduler.fleet.Candidate;
import dev.upkeep.scheduler.fleet.Resolver;
import dev.upkeep.scheduler.run.TargetsHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A leader on a real broker: requests and their verdicts, policies, results, and what a restart remembers. */
@TestInstance(Lifecycle.PER_CLASS)
class SchedulerTest {
    private Stage stage;
    private World world;

    @BeforeAll
    void begin(@TempDir Path policies) throws IOException {
        Files.writeString(policies.resolve("night.yaml"), """
                name: night
                select: {labels: [env=prod]}
                schedule: {cron: "0 2 * * *"}
                tasks: [{type: health-check}]
                """);
        stage = new Stage(policies, Clock.systemUTC());
        stage.executor("pg-1", Engine.POSTGRESQL, Map.of("env", "prod"), "pg-1/audit", "pg-1/shop");
        stage.executor("lite-1", Engine.SQLITE, Map.of("env", "test"), "lite-1/queue");
        world = stage.replica("first");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> stage.leaders() == 1 && world.fleet().executors().size() == 2);
    }

    @AfterAll
    void end() {
        stage.close();
    }

    private RunState verdict(String id) {
        await().atMost(Duration.ofSeconds(10)).until(() -> stage.runs().containsKey(id));
        return stage.runs().get(id);
    }

    private List<Command> commands(String run) {
        return stage.commands().stream()
                .filter(command -> command.run().text().equals(run))
                .toList();
    }

    @Test
    void sendsAnAcceptedOrderToTheLanesOfItsExecutorsWithinTwoSeconds() {
        long began = System.nanoTime();
        stage.request("""
                {"id": "check-1", "select": {"labels": ["env=prod"]}, "tasks": [{"type": "health-check"}],
                 "requestedBy": "ana", "futureField": 1}
                """);

        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> world.book()
                        .find(new dev.upkeep.common.id.RunId("check-1"))
                        .isPresent());
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        RunState state = verdict("check-1");

        assertThat(took).isLessThan(Duration.ofSeconds(2));
        assertThat(state.status()).isEqualTo(RunState.Status.ACCEPTED);
        assertThat(state.databases()).isEqualTo(2);
        assertThat(state.origin().requestedBy()).contains("ana");
        assertThat(state.targets())
                .extracting(target -> target.command().text())
                .containsExactly("check-1/pg-1/audit", "check-1/pg-1/shop");
        assertThat(commands("check-1")).hasSize(2).allSatisfy(command -> {
            assertThat(command.asOf()).isEqualTo(state.asOf());
            assertThat(stage.lanes())
                    .containsEntry(
                            command, Lane.of(command.executor(), Stage.LANES).number());
        });
    }

    @Test
    void followsResultsToTheEndOfTheRun() {
        stage.request("""
                {"id": "check-2", "select": {"databases": ["pg-1/*"]}, "tasks": [{"type": "analyze"}]}
                """);
        verdict("check-2");
        commands("check-2").forEach(command -> stage.result(command, Outcome.SUCCEEDED));

        await().atMost(Duration.ofSeconds(10))
                .until(() -> stage.runs().get("check-2").status() == RunState.Status.ENDED);

        assertThat(stage.runs().get("check-2").targets())
                .extracting(Target::outcome)
                .containsOnly(Optional.of(Outcome.SUCCEEDED));
    }

    @Test
    void answersARepeatWithTheSameVerdictAndNoSecondEffect() {
        String order = """
                {"id": "twice", "select": {"all": true}, "tasks": [{"type": "health-check"}]}
                """;
        stage.request(order);
        RunState first = verdict("twice");
        stage.request(order.replace(" ", "  "));
        stage.request("{\"id\": \"after-twice\"}");
        verdict("after-twice");

        assertThat(stage.runs().get("twice").targets()).isEqualTo(first.targets());
        assertThat(commands("twice")).hasSize(3);
    }

    @Test
    void refusesTheIdOfAnotherRequestAndLeavesThatOneAlone() {
        stage.request("{\"id\": \"mine\", \"select\": {\"all\": true}, \"tasks\": [{\"type\": \"health-check\"}]}");
        RunState mine = verdict("mine");
        long place =
                stage.request("{\"id\": \"mine\", \"select\": {\"all\": true}, \"tasks\": [{\"type\": \"analyze\"}]}");

        RunState conflict = verdict("request-0-" + place);

        assertThat(conflict.status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(conflict.reasons()).extracting("code").containsExactly(Code.ID_CONFLICT);
        assertThat(stage.runs().get("mine").steps()).isEqualTo(mine.steps());
    }

    @Test
    void rejectsNonsenseUnderItsPlaceAndKeepsItAsADeadLetter() {
        long place = stage.request("hello, please back up everything");

        RunState state = verdict("request-0-" + place);

        assertThat(state.status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(state.reasons().get(0).code()).isEqualTo(Code.MALFORMED);
        assertThat(state.reasons().get(0).message()).startsWith("not JSON at line 1");
        assertThat(stage.all(Topic.DEAD_LETTERS))
                .anySatisfy(letter -> assertThat(new String(letter.value(), java.nio.charset.StandardCharsets.UTF_8))
                        .isEqualTo("hello, please back up everything"));
    }

    @Test
    void rejectsAnUnknownTaskWithTheKnownOnes() {
        stage.request("{\"id\": \"bad-task\", \"select\": {\"all\": true}, \"tasks\": [{\"type\": \"drop-table\"}]}");

        RunState state = verdict("bad-task");

        assertThat(state.status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(state.reasons().get(0).code()).isEqualTo(Code.UNKNOWN_TASK);
        assertThat(state.reasons().get(0).message()).contains("drop-table").contains("health-check");
    }

    @Test
    void rejectsAFieldOfAnotherTypeByItsName() {
        stage.request("{\"id\": \"bad-type\", \"select\": {\"all\": true}, \"dryRun\": \"maybe\","
                + " \"tasks\": [{\"type\": \"health-check\"}]}");

        RunState state = verdict("bad-type");

        assertThat(state.reasons().get(0).message()).contains("dryRun").contains("true or false");
    }

    @Test
    void rejectsAnEmptySelectionAndNamesTheLabelsInUse() {
        stage.request("{\"id\": \"nobody\", \"select\": {\"labels\": [\"enviroment=prod\"]},"
                + " \"tasks\": [{\"type\": \"health-check\"}]}");

        RunState state = verdict("nobody");

        assertThat(state.status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(state.reasons().get(0).code()).isEqualTo(Code.EMPTY_SELECTION);
        assertThat(state.reasons().get(0).message()).contains("enviroment").contains("labels in use are: env");
    }

    @Test
    void leavesOutDatabasesWhoseExecutorCannotDoTheTask() {
        stage.request("{\"id\": \"wal\", \"select\": {\"all\": true}, \"tasks\": [{\"type\": \"checkpoint\"}]}");

        RunState state = verdict("wal");

        assertThat(state.status()).isEqualTo(RunState.Status.ACCEPTED);
        assertThat(commands("wal"))
                .extracting(command -> command.database().text())
                .containsExactly("lite-1/queue");
        assertThat(state.targets())
                .filteredOn(target -> target.outcome().equals(Optional.of(Outcome.REJECTED)))
                .hasSize(2)
                .allSatisfy(target -> assertThat(target.reasons().get(0).code()).isEqualTo(Code.UNSUPPORTED));
    }

    @Test
    void runsAPolicyNowAndRefusesOneThatIsNotThere() {
        stage.request("{\"id\": \"now-1\", \"policy\": \"night\", \"dryRun\": true}");
        stage.request("{\"id\": \"now-2\", \"policy\": \"day\"}");

        assertThat(verdict("now-1").dryRun()).isTrue();
        assertThat(verdict("now-1").origin().name()).isEqualTo("night");
        assertThat(commands("now-1")).hasSize(2).allMatch(Command::dryRun);
        assertThat(verdict("now-2").reasons().get(0).message()).contains("day").contains("night");
    }

    @Test
    void refusesARequestThatIsBoundToAPreviewOnceItsDatabasesHaveChanged() {
        Selector all = new Selector(List.of(LabelRule.parse("own=bound")), List.of(), List.of(), List.of(), false);
        stage.executor("bound-1", Engine.SQLITE, Map.of("own", "bound"), "bound-1/a", "bound-1/b");
        await().atMost(Duration.ofSeconds(10)).until(() -> preview(all).size() == 2);
        String request =
                "{\"id\": \"%s\", \"select\": {\"labels\": [\"own=bound\"]}, \"tasks\": [{\"type\": \"analyze\"}],"
                        + " \"targetsHash\": \"" + TargetsHash.ofCandidates(preview(all)) + "\"}";
        stage.request(request.formatted("bound-as-previewed"));
        assertThat(verdict("bound-as-previewed").status()).isEqualTo(RunState.Status.ACCEPTED);
        assertThat(verdict("bound-as-previewed").targets())
                .extracting(target -> target.database().text())
                .containsExactlyInAnyOrder("bound-1/a", "bound-1/b");

        stage.executor("bound-1", Engine.SQLITE, Map.of("own", "bound"), "bound-1/a", "bound-1/b", "bound-1/new");
        await().atMost(Duration.ofSeconds(10)).until(() -> preview(all).size() == 3);
        stage.request(request.formatted("bound-but-changed"));

        RunState refused = verdict("bound-but-changed");
        assertThat(refused.status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(refused.reasons().get(0).code()).isEqualTo(Code.PLAN_DRIFTED);
        assertThat(refused.reasons().get(0).message()).contains("now 3 are");
        assertThat(commands("bound-but-changed")).isEmpty();
    }

    private List<Candidate> preview(Selector select) {
        return Resolver.resolve(
                select,
                List.of(Step.of(new Analyze(List.of(), false))),
                world.fleet().executors(),
                world.clock().instant());
    }

    @Test
    void cancelsARunByTellingItsExecutors() {
        stage.request("{\"id\": \"long\", \"select\": {\"all\": true}, \"tasks\": [{\"type\": \"health-check\"}]}");
        verdict("long");
        stage.request("{\"id\": \"stop-long\", \"cancel\": \"long\", \"requestedBy\": \"ben\"}");

        RunState state = verdict("stop-long");

        assertThat(state.status()).isEqualTo(RunState.Status.ENDED);
        assertThat(state.reasons().get(0).message()).contains("3 executors told to stop");
        assertThat(stage.lanes().keySet())
                .filteredOn(Cancel.class::isInstance)
                .extracting(message -> ((Cancel) message).command().text())
                .contains("long/pg-1/audit", "long/pg-1/shop", "long/lite-1/queue");
    }
}
