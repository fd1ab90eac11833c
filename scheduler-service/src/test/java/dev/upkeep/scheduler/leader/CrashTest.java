package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.scheduler.fixture.Fixtures;
import dev.upkeep.scheduler.run.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Leaders that die at a chosen record, and what the next one makes of the topics. */
@TestInstance(Lifecycle.PER_CLASS)
class CrashTest {
    private static final int ALL_DETAILS = 100_000;

    @TempDir
    private Path empty = Path.of("unset");

    private final SteppingClock clock =
            new SteppingClock(Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(600));
    private final Set<String> answered = new HashSet<>();
    private Stage stage;
    private KafkaSettings kafka;
    private Candidacy candidacy;
    private int leaders;

    @BeforeAll
    void begin() {
        stage = new Stage(empty, clock);
        kafka = new KafkaSettings(stage.kafka().bootstrap(), stage.kafka().topics(), "crash", ByHand.FUSE);
        candidacy = ByHand.candidacy(kafka);
    }

    @AfterEach
    void mend() {
        ByHand.Fuse.set(Integer.MAX_VALUE);
    }

    @AfterAll
    void end() {
        candidacy.close();
        stage.close();
    }

    private ByHand leader(Path policies, int details, List<Registration> fleet) {
        leaders++;
        return ByHand.leads(kafka, "leader-" + leaders, ByHand.world(clock, policies, details, fleet), candidacy);
    }

    private static void policy(Path folder, String name, String own, String schedule, String more) throws IOException {
        Files.writeString(folder.resolve(name + ".yaml"), """
                name: %s
                select: {labels: [own=%s]}
                schedule: %s
                tasks: [{type: health-check}]
                %s
                """.formatted(name, own, schedule, more));
    }

    /** Sets the clock to the next full hour; the id of the run that an hourly policy then has. */
    private String nextHour(String policy) {
        Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
        clock.set(hour.plusSeconds(1));
        return policy + "@" + hour.truncatedTo(ChronoUnit.MINUTES).toString().replace(":00Z", "Z");
    }

    private List<Command> commands(String run) {
        return stage.all(Topic.COMMANDS).stream()
                .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains("\"" + run + "\""))
                .map(record -> read(record, Message.COMMAND))
                .toList();
    }

    private RunState.Status status(String run) {
        RunState state = stage.runs().get(run);
        return state == null ? RunState.Status.ACCEPTED : state.status();
    }

    private static void rounds(ByHand leader, BooleanSupplier until) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!until.getAsBoolean()) {
            leader.round();
            assertThat(System.nanoTime()).as("the leader gets there").isLessThan(deadline);
        }
    }

    /** The executor of {@code …/a} fails, others succeed; each command is answered once. */
    private void answer(String run) {
        for (Command command : commands(run)) {
            if (answered.add(command.id().text())) {
                if (command.database().text().endsWith("/a")) {
                    stage.result(command, Outcome.FAILED, new Reason(Code.DISK_FULL, "no room"));
                } else {
                    stage.result(command, Outcome.SUCCEEDED);
                }
            }
        }
    }

    private List<Control> pauses(String policy) {
        return stage.all(Topic.CONTROLS).stream()
                .map(record -> read(record, Message.CONTROL))
                .filter(control -> control.id().text().startsWith("auto-" + policy + "-"))
                .toList();
    }

    private static <T> T read(ConsumerRecord<String, byte[]> record, Message<T> kind) {
        try {
            return Records.read(record, kind);
        } catch (Unreadable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sendsEachCommandOnceAndForgetsNoPauseAtWhateverRecordItDies(@TempDir Path folder) throws IOException {
        List<Registration> fleet =
                List.of(stage.executor("crash-host", Engine.SQLITE, Map.of("own", "crash"), "crash/a", "crash/b"));
        int deaths = 0;
        for (int records = 2; ; records++) { // a plan half written has a test of its own
            String policy = "crash-" + records + "x";
            Path policies = Files.createDirectory(folder.resolve(policy));
            policy(policies, policy, "crash", "{every: 1h}", "pauseAfter: 1\nrollout: {maxParallel: 1}");
            ByHand leader = leader(policies, ALL_DETAILS, fleet);
            leader.round();
            String run = nextHour(policy);
            ByHand.Fuse.set(records);
            boolean died = false;
            try {
                rounds(leader, () -> isEnded(run));
            } catch (IllegalStateException e) {
                died = true;
                deaths++;
                leader.close();
                ByHand.Fuse.set(Integer.MAX_VALUE);
                leader = leader(policies, ALL_DETAILS, fleet);
                rounds(leader, () -> isEnded(run));
            }
            leader.close();

            assertThat(commands(run))
                    .as("commands of %s", run)
                    .extracting(command -> command.database().text())
                    .containsExactly("crash/a", "crash/b");
            assertThat(stage.runs().get(run).targets())
                    .extracting(target -> target.outcome().orElseThrow())
                    .containsExactly(Outcome.FAILED, Outcome.SUCCEEDED);
            assertThat(pauses(policy)).as("pauses after %s records", records).isNotEmpty();
            if (!died) {
                break;
            }
        }
        assertThat(deaths).isGreaterThanOrEqualTo(4);
    }

    private boolean isEnded(String run) {
        answer(run);
        return status(run) == RunState.Status.ENDED;
    }

    @Test
    void takesNobodyForSilentWhoseResultCameWhileNobodyLed(@TempDir Path policies) throws IOException {
        policy(policies, "silent-policy", "silent", "{every: 1h}", "startWithin: 10m\nfinishWithin: 20m");
        List<Registration> fleet =
                List.of(stage.executor("silent-host", Engine.SQLITE, Map.of("own", "silent"), "silent/c", "silent/d"));
        ByHand before = leader(policies, ALL_DETAILS, fleet);
        before.round();
        String run = nextHour("silent-policy");
        rounds(before, () -> commands(run).size() == 2);
        before.close();
        answer(run);
        clock.pass(Duration.ofMinutes(50));

        ByHand after = leader(policies, ALL_DETAILS, fleet);
        rounds(after, () -> status(run) == RunState.Status.ENDED);
        after.close();

        assertThat(stage.all(Topic.RUNS).stream()
                        .map(record -> read(record, Message.RUN_STATE))
                        .filter(state -> state.run().text().equals(run))
                        .flatMap(state -> state.targets().stream())
                        .flatMap(target -> target.outcome().stream()))
                .contains(Outcome.SUCCEEDED)
                .doesNotContain(Outcome.OFFLINE);
    }

    @ParameterizedTest
    @CsvSource({"4, 100000", "1, 0"})
    void remembersTheRunThatAnotherOneWaitsForHoweverLongAgoItEnded(int days, int details, @TempDir Path policies)
            throws IOException {
        String own = "wait" + days;
        policy(policies, own + "-first", own, "{every: 1h}", "");
        policy(
                policies,
                own + "-second",
                own,
                "{after: {policy: " + own + "-first}}",
                "rollout: {canary: 1}\nstartWithin: 6d\nfinishWithin: 7d");
        List<Registration> fleet =
                List.of(stage.executor(own + "-host", Engine.SQLITE, Map.of("own", own), own + "/c", own + "/d"));
        ByHand before = leader(policies, ALL_DETAILS, fleet);
        before.round();
        String first = nextHour(own + "-first");
        String second = first.replace("first", "second");
        rounds(before, () -> commands(first).size() == 2);
        answer(first);
        rounds(
                before,
                () -> status(first) == RunState.Status.ENDED && commands(second).size() == 1);
        before.close();
        clock.pass(Duration.ofDays(days));

        ByHand after = leader(policies, details, fleet);
        after.round();
        answer(second);
        rounds(
                after,
                () -> status(second) == RunState.Status.ENDED
                        || commands(second).size() == 2);
        after.close();

        assertThat(commands(second))
                .extracting(command -> command.database().text())
                .containsExactly(own + "/c", own + "/d");
    }

    @Test
    void makesAPlanAnewThatWasHalfWrittenWhenItsLeaderDied(@TempDir Path policies) throws IOException {
        policy(policies, "half-plan", "half", "{every: 1h}", "");
        ByHand before = leader(policies, ALL_DETAILS, List.of(large("half", 4_600)));
        before.round();
        String run = nextHour("half-plan");
        ByHand.Fuse.set(15);
        assertThat(catchDeath(before, run)).isTrue();
        before.close();
        ByHand.Fuse.set(Integer.MAX_VALUE);
        assertThat(stage.runs().keySet()).anyMatch(key -> key.startsWith(run + "#"));
        assertThat(stage.runs()).doesNotContainKey(run);

        ByHand after = leader(policies, ALL_DETAILS, List.of(large("half", 4_200)));
        rounds(after, () -> commands(run).size() >= 4_200);
        after.close();
        ByHand last = leader(policies, ALL_DETAILS, List.of());

        assertThat(commands(run))
                .extracting(command -> command.database().text())
                .doesNotHaveDuplicates()
                .hasSize(4_200);
        Run known = last.world().book().find(new RunId(run)).orElseThrow();
        assertThat(known.tally().databases()).isEqualTo(4_200);
        assertThat(known.targets()).extracting(Target::status).containsOnly(Target.Status.SENT);
        last.close();
    }

    @Test
    void tellsEachExecutorOnceToStopThoughItDiesInTheMiddleOfIt(@TempDir Path policies) throws IOException {
        policy(policies, "stop-policy", "stop", "{every: 1h}", "");
        List<Registration> fleet = List.of(large("stop", 3_000));
        ByHand before = leader(policies, ALL_DETAILS, fleet);
        before.round();
        String run = nextHour("stop-policy");
        rounds(before, () -> commands(run).size() == 3_000);
        stage.request("{\"id\": \"stop-it\", \"cancel\": \"" + run + "\", \"requestedBy\": \"ana\"}");
        ByHand.Fuse.set(1_600);
        int sent = stage.all(Topic.COMMANDS).size();
        assertThatThrownBy(() -> rounds(before, () -> stage.all(Topic.COMMANDS).size() == sent + 3_000))
                .isInstanceOf(IllegalStateException.class);
        before.close();
        ByHand.Fuse.set(Integer.MAX_VALUE);

        ByHand after = leader(policies, ALL_DETAILS, fleet);
        rounds(after, () -> stage.all(Topic.COMMANDS).size() >= sent + 3_000);
        for (int round = 0; round < 20; round++) {
            after.round();
        }
        after.close();

        List<ConsumerRecord<String, byte[]>> cancels = stage.all(Topic.COMMANDS).subList(sent, sent + 3_000);
        assertThat(cancels)
                .extracting(record -> read(record, Message.CANCEL).command().text())
                .doesNotHaveDuplicates()
                .allMatch(command -> command.startsWith("stop-policy/"));
        assertThat(stage.all(Topic.COMMANDS)).hasSize(sent + 3_000);
        assertThat(stage.runs().get("stop-it").reasons())
                .extracting(Reason::message)
                .containsExactly("cancelled: 0 databases not yet sent, 3000 executors told to stop");
    }

    private static boolean catchDeath(ByHand leader, String run) {
        try {
            rounds(leader, () -> leader.world().book().find(new RunId(run)).isPresent());
            return false;
        } catch (IllegalStateException e) {
            return ByHand.Fuse.isBlown();
        }
    }

    private static Registration large(String own, int databases) {
        List<RegisteredDatabase> registered = new ArrayList<>();
        for (int i = 0; i < databases; i++) {
            registered.add(Fixtures.database(String.format("%s/db%05d", own, i), Map.of("own", own), Task.names()));
        }
        return Fixtures.executor(own + "-host", Instant.now().plus(Duration.ofDays(30)), registered);
    }
}
