package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.wire.Unreadable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
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

    @Test
    void carriesOutACommandAndPublishesItsResult() {
        Command command = bench.command("first", Bench.analyze(), Vacuum.auto());

        bench.bus.send(command);

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(result.tasks()).extracting("task").containsExactly("analyze", "vacuum");
        assertThat(result.tasks().get(0).report().orElseThrow().path("did").asText())
                .isEqualTo("it");
        assertThat(bench.analyze.calls()).containsExactly("first/one");
        ConsumerRecord<String, byte[]> record = bench.bus.all(Topic.RESULTS).get(0);
        assertThat(record.key()).isEqualTo("one");
        assertThat(Records.header(record.headers(), "traceparent")).contains("00-abc-def-01");
    }

    @Test
    void tellsProgressFromAcceptanceToTheEndOfEachStep() throws Exception {
        Command command = bench.command("watched", Bench.analyze());

        bench.bus.send(command);

        List<Progress.Kind> kinds = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : bench.bus.await(Topic.PROGRESS, 4)) {
            kinds.add(Records.read(record, Message.PROGRESS).kind());
        }
        assertThat(kinds)
                .containsExactly(
                        Progress.Kind.ACCEPTED, Progress.Kind.STARTED, Progress.Kind.STEP, Progress.Kind.STEP_ENDED);
    }

    @Test
    void registersWithDatabasesTasksAndGuardrails() throws Exception {
        List<ConsumerRecord<String, byte[]>> heartbeats = bench.bus.await(Topic.EXECUTORS, 3);

        Registration registration = Records.read(heartbeats.get(heartbeats.size() - 1), Message.REGISTRATION);
        assertThat(registration.executor()).isEqualTo(bench.executor);
        assertThat(registration.lanes()).isEqualTo(Bus.LANES);
        assertThat(registration.databases()).extracting("id").containsExactly(bench.one, bench.two);
        assertThat(registration.databases().get(0).version()).isPresent();
        assertThat(registration.databases().get(0).tasks())
                .containsExactlyInAnyOrder("health-check", "analyze", "vacuum", "purge", "restore");
        assertThat(registration.databases().get(0).refusals())
                .extracting("task")
                .contains("backup");
        assertThat(registration.guardrails()).containsEntry("least-keep", "PT1H");
        assertThat(registration.isOffline(registration.at())).isFalse();
    }

    @Test
    void saysGoodbyeWhenItStops() throws Exception {
        bench.bus.await(Topic.EXECUTORS, 1);

        bench.stop();

        Awaitility.await("a last word").atMost(Duration.ofSeconds(10)).until(() -> last().stopping());
    }

    private Registration last() throws Unreadable {
        List<ConsumerRecord<String, byte[]>> heartbeats = bench.bus.all(Topic.EXECUTORS);
        return Records.read(heartbeats.get(heartbeats.size() - 1), Message.REGISTRATION);
    }

    @Test
    void answersAnUnknownTaskWithTheListOfKnownOnes() {
        Command command = bench.command("unknown", Bench.analyze());
        String text = new String(bench.bus.record(command).value(), StandardCharsets.UTF_8)
                .replace("\"analyze\"", "\"polish\"");

        bench.bus.send(bench.executor, text.getBytes(StandardCharsets.UTF_8));

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(result.reasons().get(0).code()).isEqualTo(Code.UNKNOWN_TASK);
        assertThat(result.reasons().get(0).message()).contains("polish", "health-check", "vacuum");
        assertThat(bench.bus.await(Topic.DEAD_LETTERS, 1)).hasSize(1);
    }

    @Test
    void keepsWhatCannotBeReadAsDeadLettersAndGoesOn() {
        byte[] huge = new byte[1024 * 1024 - 200];
        bench.bus.send(bench.executor, "{not json".getBytes(StandardCharsets.UTF_8));
        bench.bus.send(bench.executor, new byte[0]);
        bench.bus.send(bench.executor, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        bench.bus.send(bench.executor, "[]".getBytes(StandardCharsets.UTF_8));
        bench.bus.send(bench.executor, huge);
        Command command = bench.command("after-poison", HealthCheck.quick());
        bench.bus.send(command);

        assertThat(bench.bus.result(command).outcome()).isEqualTo(Outcome.SUCCEEDED);
        List<ConsumerRecord<String, byte[]>> letters = bench.bus.await(Topic.DEAD_LETTERS, 5);
        assertThat(letters)
                .hasSize(5)
                .allSatisfy(letter -> assertThat(Records.header(letter.headers(), "upkeep_error_code"))
                        .isPresent());
    }

    @Test
    void dropsCommandsForOthersUnread() {
        bench.bus.send(new org.apache.kafka.clients.producer.ProducerRecord<>(
                bench.bus.kafka().topics().name(Topic.COMMANDS),
                dev.upkeep.common.fleet.Lane.of(bench.executor, Bus.LANES).number(),
                "another-host",
                "{not json".getBytes(StandardCharsets.UTF_8)));
        Command command = bench.command("own", HealthCheck.quick());
        bench.bus.send(command);

        assertThat(bench.bus.result(command).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.all(Topic.DEAD_LETTERS)).isEmpty();
    }
}
