package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.task.SizeOverride;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.local.server.TestServers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class UpkeepTest {
    private static final Instant AT = Instant.parse("2026-11-21T02:00:00Z");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Topics topics = new Topics(TestServers.unique("cli") + ".");

    @TempDir
    Path folder;

    private int upkeep(String... arguments) {
        CommandLine line = Upkeep.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private int create() {
        return upkeep(
                "topics",
                "--bootstrap",
                TestServers.bootstrapServers(),
                "--topic-prefix",
                topics.prefix(),
                "--lanes",
                "2");
    }

    @Test
    void createsTopicsOnceAndThenLeavesThemAlone() {
        int first = create();
        String created = out.toString();
        out.getBuffer().setLength(0);
        int second = create();

        assertThat(first).isZero();
        assertThat(second).isZero();
        assertThat(created.lines()).hasSize(Topic.values().length).allMatch(line -> line.endsWith("created"));
        assertThat(out.toString().lines()).hasSize(Topic.values().length).allMatch(line -> line.endsWith("there"));
        assertThat(created).containsPattern("commands +2 partitions").containsPattern("requests +1 partition ");
    }

    @Test
    void saysWhichBrokerCannotBeReached() throws IOException {
        Path settings = Files.writeString(
                folder.resolve("client.properties"), "default.api.timeout.ms=1500\nrequest.timeout.ms=1000\n");

        int code = upkeep("topics", "--bootstrap", "127.0.0.1:1", "--client-config", settings.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).startsWith("upkeep: cannot look at topic");
    }

    @Test
    void refusesABadRequestBeforeItIsPublished() throws IOException {
        Path request =
                Files.writeString(folder.resolve("request.yaml"), "select: {all: true}\ntasks: [{type: explode}]\n");

        int code = upkeep("request", request.toString());

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("unknown task explode; known are: health-check");
    }

    @Test
    void publishesARequestAndShowsHowEachDatabaseEnded() throws Exception {
        create();
        Path request = Files.writeString(
                folder.resolve("request.yaml"), "id: care-1\nselect: {all: true}\ntasks: [{type: vacuum}]\n");
        CompletableFuture<Void> scheduler = CompletableFuture.runAsync(this::answerOneRequest);

        int code = upkeep(
                "request",
                request.toString(),
                "--bootstrap",
                TestServers.bootstrapServers(),
                "--topic-prefix",
                topics.prefix(),
                "--wait",
                "PT30S");

        assertThat(err.toString()).isEmpty();
        scheduler.join();
        assertThat(code).isEqualTo(1);
        assertThat(out.toString()).containsPattern("telemetry +failed +disk-full: no space left");
    }

    /** Stands where the scheduler will be: reads the one request and writes its end. */
    private void answerOneRequest() {
        KafkaSettings settings = new KafkaSettings(TestServers.bootstrapServers(), topics, "test", Map.of());
        TopicPartition requests = new TopicPartition(topics.name(Topic.REQUESTS), 0);
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings.consumer());
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            consumer.assign(List.of(requests));
            Request.Order order = null;
            Instant patience = Instant.now().plusSeconds(60);
            while (order == null && Instant.now().isBefore(patience)) {
                for (ConsumerRecord<String, byte[]> next : consumer.poll(Duration.ofMillis(100))) {
                    order = (Request.Order) Records.read(next, Message.REQUEST);
                }
            }
            if (order == null) {
                throw new IllegalStateException("no request came");
            }
            RunId run = RunId.ofRequest(order.id().orElseThrow());
            DatabaseId database = new DatabaseId("telemetry");
            Reason reason = new Reason(Code.DISK_FULL, "no space left");
            Target target = new Target(
                    database,
                    new ExecutorId("db7"),
                    CommandId.of(run, database),
                    Target.Status.ENDED,
                    Optional.of(Outcome.FAILED),
                    List.of(reason),
                    Optional.empty(),
                    Optional.of(AT));
            RunState state = new RunState(
                    run,
                    new Origin(Origin.Kind.REQUEST, run.text(), Optional.empty(), Optional.empty()),
                    RunState.Status.ENDED,
                    List.of(),
                    AT,
                    AT,
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    1,
                    0,
                    1,
                    order.tasks(),
                    List.of(target));
            Records records = new Records(topics, "test", Clock.systemUTC());
            producer.send(records.of(Message.RUN_STATE, state, Optional.empty()))
                    .get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void signsAnOverrideThatTheKeysOwnerCanBeHeldTo() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Path key = Files.writeString(
                folder.resolve("ann.key"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");

        int code = upkeep(
                "override",
                "--key",
                key.toString(),
                "--key-id",
                "ann",
                "--database",
                "pg-1/audit",
                "--plan-hash",
                "ab".repeat(32),
                "--table",
                "audit.runs",
                "--table",
                "events",
                "--rows",
                "6000000");

        SizeOverride signed = Wire.read(out.toString().getBytes(StandardCharsets.UTF_8), SizeOverride.class);
        assertThat(code).isZero();
        assertThat(new Verifier(Map.of("ann", pair.getPublic()))
                        .isSigned("ann", signed.statement().content(), signed.signature()))
                .isTrue();
        assertThat(signed.statement().tables()).extracting(TableName::text).containsExactly("audit.runs", "events");
        assertThat(signed.statement().rows()).isEqualTo(6_000_000);
    }
}
