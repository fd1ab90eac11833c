package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Records that a real broker finds too large: each ends what it belongs to, says so, and stops neither the rest nor the leader. */
@TestInstance(Lifecycle.PER_CLASS)
class OversizeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SteppingClock clock =
            new SteppingClock(Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(600));
    private final Random random = new Random(8);
    private Path policies = Path.of("unset");
    private Stage stage;
    private World world;

    @BeforeAll
    void begin(@TempDir Path folder) throws Exception {
        policies = folder;
        stage = new Stage(policies, clock);
        try (Admin admin = Admin.create(stage.kafka().admin())) {
            limit(admin, Topic.RUNS, 20_000);
            limit(admin, Topic.COMMANDS, 8_000);
            limit(admin, Topic.DEAD_LETTERS, 8_000);
        }
        world = stage.replica("over");
        await().atMost(PATIENCE).until(() -> stage.leaders() == 1);
    }

    /** The broker looks at what producers send, which is compressed: what is to be too large must not compress well. */
    private void limit(Admin admin, Topic topic, int bytes) throws Exception {
        ConfigResource resource = new ConfigResource(
                ConfigResource.Type.TOPIC, stage.kafka().topics().name(topic));
        ConfigEntry entry = new ConfigEntry("max.message.bytes", Integer.toString(bytes));
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    @AfterEach
    void stillLeads() {
        assertThat(stage.metrics().get("upkeep.scheduler.rebuild").timer().count())
                .as("elections")
                .isEqualTo(1);
        assertThat(stage.leaders()).isEqualTo(1);
    }

    @AfterAll
    void end() {
        stage.close();
    }

    private String tables(int count) {
        return IntStream.range(0, count).mapToObj(table -> "t" + text(15)).collect(Collectors.joining(", "));
    }

    /** So many random bytes in hexadecimal. */
    private String text(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return HexFormat.of().formatHex(content);
    }

    private void databases(String test, int count) {
        String[] databases =
                IntStream.range(0, count).mapToObj(n -> test + "/" + n).toArray(String[]::new);
        stage.executor(test + "-host", Engine.SQLITE, Map.of("own", test), databases);
        await().atMost(PATIENCE)
                .until(() -> world.fleet().find(new ExecutorId(test + "-host")).isPresent());
    }

    private void request(String id, String own, String tables) {
        String quoted = tables.isEmpty() ? "" : "\"" + tables.replace(", ", "\", \"") + "\"";
        stage.request(
                "{\"id\": \"%s\", \"startWithin\": \"3h\", \"select\": {\"labels\": [\"own=%s\"]}, \"tasks\": [{\"type\": \"analyze\", \"tables\": [%s]}]}"
                        .formatted(id, own, quoted));
    }

    private RunState run(String id, RunState.Status status) {
        await("run " + id + " is " + status).atMost(PATIENCE).until(() -> {
            RunState state = stage.runs().get(id);
            return state != null && state.status() == status;
        });
        return stage.runs().get(id);
    }

    private List<Command> commands(String run) {
        return stage.commands().stream()
                .filter(command -> command.run().text().equals(run))
                .toList();
    }

    private double counted(String kind) {
        return stage.metrics()
                .get("upkeep.scheduler.oversized")
                .tag("message", kind)
                .counter()
                .count();
    }

    @Test
    void rejectsARequestOfWhichTheBrokerTakesNoRunAndGoesOnWithTheNext() {
        databases("ask", 2);
        double before = counted("run-state");

        request("ask-much", "ask", tables(3_000));
        request("ask-little", "ask", "");

        assertThat(run("ask-much", RunState.Status.REJECTED)).satisfies(rejected -> {
            assertThat(rejected.reasons()).singleElement().satisfies(why -> {
                assertThat(why.code()).isEqualTo(Code.OVERSIZED);
                assertThat(why.message()).contains("run-state record of", "too large", ".runs", "max.message.bytes");
            });
            assertThat(rejected.databases()).isZero();
        });
        run("ask-little", RunState.Status.ACCEPTED);
        await().atMost(PATIENCE).until(() -> commands("ask-little").size() == 2);
        assertThat(commands("ask-much")).isEmpty();
        assertThat(counted("run-state")).isEqualTo(before + 1);
    }

    @Test
    void rejectsAFiringThatIsTooLargeAndFiresTheOtherPolicies() throws IOException {
        databases("fire", 2);
        policy("fire-little", "fire", "");
        policy("fire-much", "fire", tables(3_000));
        Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
        String nominal = "@" + hour.toString().replace(":00Z", "Z");

        clock.set(hour.plusSeconds(1));

        assertThat(run("fire-much" + nominal, RunState.Status.REJECTED).reasons())
                .extracting(Reason::code)
                .containsExactly(Code.OVERSIZED);
        await().atMost(PATIENCE).until(() -> commands("fire-little" + nominal).size() == 2);
    }

    private void policy(String name, String own, String tables) throws IOException {
        Files.writeString(policies.resolve(name + ".yaml"), """
                name: %s
                select: {labels: [own=%s]}
                schedule: {every: 1h}
                tasks: [{type: analyze, tables: [%s]}]
                """.formatted(name, own, tables));
        await().atMost(PATIENCE)
                .until(() ->
                        world.policies().inForce().find(new PolicyName(name)).isPresent());
    }

    @Test
    void endsDatabasesAsRejectedWhoseCommandTheBrokerDoesNotTake() {
        databases("send", 300);

        request("send-much", "send", tables(300));

        RunState ended = run("send-much", RunState.Status.ENDED);
        List<Target> targets = stage.runs().values().stream()
                .filter(state -> state.run().equals(ended.run()))
                .flatMap(state -> state.targets().stream())
                .toList();
        assertThat(targets).hasSize(300).allSatisfy(target -> {
            assertThat(target.outcome()).contains(Outcome.REJECTED);
            assertThat(target.sentAt()).isEmpty();
            assertThat(target.reasons()).singleElement().satisfies(why -> {
                assertThat(why.code()).isEqualTo(Code.OVERSIZED);
                assertThat(why.message()).contains("command record of", ".commands");
            });
        });
        assertThat(commands("send-much")).isEmpty();
        assertThat(counted("command")).isPositive();
    }

    @Test
    void writesHowARunEndedWithShortReasonsWhereLongOnesDoNotFit() {
        databases("end", 100);
        request("end-much", "end", "");
        await().atMost(PATIENCE).until(() -> commands("end-much").size() == 100);

        for (Command command : commands("end-much")) {
            stage.result(command, Outcome.FAILED, new Reason(Code.DISK_FULL, "no room: " + text(240)));
        }

        assertThat(run("end-much", RunState.Status.ENDED).targets())
                .hasSize(100)
                .allSatisfy(target -> {
                    assertThat(target.outcome()).contains(Outcome.FAILED);
                    assertThat(target.reasons()).extracting(Reason::code).containsExactly(Code.DISK_FULL);
                })
                .anySatisfy(target -> assertThat(target.reasons().get(0).message())
                        .startsWith("no room: ")
                        .hasSize(60)
                        .endsWith("…"));
    }

    @Test
    void publishesAShortDeadLetterWhereTheWholeOneDoesNotFit() {
        long offset = stage.request("{\"nonsense: " + text(20_000));

        run("request-0-" + offset, RunState.Status.REJECTED);
        await().atMost(PATIENCE).until(() -> !stage.all(Topic.DEAD_LETTERS).isEmpty());
        ConsumerRecord<String, byte[]> letter = stage.all(Topic.DEAD_LETTERS).get(0);
        assertThat(letter.value()).isEmpty();
        assertThat(Records.header(letter.headers(), "upkeep_error_code")).contains("malformed");
        assertThat(Records.header(letter.headers(), "upkeep_source_offset")).contains(Long.toString(offset));
        assertThat(counted("dead-letter")).isEqualTo(1);
    }

    @Test
    void treatsWhatItsOwnProducerFindsTooLargeLikeWhatTheBrokerDoes(@TempDir Path none) {
        try (Stage other = new Stage(none, clock)) {
            KafkaSettings tight = new KafkaSettings(
                    other.kafka().bootstrap(), other.kafka().topics(), "tight", Map.of("max.request.size", "20000"));
            List<Registration> fleet =
                    List.of(other.executor("own-host", Engine.SQLITE, Map.of("own", "own"), "own/a", "own/b"));
            try (Candidacy candidacy = ByHand.candidacy(tight);
                    ByHand leader = ByHand.leads(tight, "tight", ByHand.world(clock, none, 1_000, fleet), candidacy)) {
                other.request(
                        "{\"id\": \"much\", \"select\": {\"databases\": [\"own/*\"]}, \"tasks\": [{\"type\": \"analyze\", \"tables\": [\"%s\"]}]}"
                                .formatted(tables(800).replace(", ", "\", \"")));
                other.request(
                        "{\"id\": \"little\", \"select\": {\"databases\": [\"own/*\"]}, \"tasks\": [{\"type\": \"analyze\"}]}");

                await().atMost(PATIENCE).until(() -> {
                    leader.round();
                    return other.commands().size() == 2;
                });
                assertThat(other.runs().get("much").reasons())
                        .extracting(Reason::code)
                        .containsExactly(Code.OVERSIZED);
                assertThat(other.runs().get("little").status()).isEqualTo(RunState.Status.ACCEPTED);
            }
        }
    }
}
