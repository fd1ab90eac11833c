package dev.upkeep.bench.load;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.LocalBroker;
import dev.upkeep.local.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** Upkeep's packaged executor as it runs beside databases: a service on a bus of its own, which takes commands and answers with results. */
public final class ResidentExecutor implements AutoCloseable {
    private static final ExecutorId ID = new ExecutorId("bench");
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final LocalBroker broker;
    private final ChildProcess process;
    private final KafkaSettings kafka;
    private int commands;

    /**
     * Starts it and waits until it is ready.
     *
     * @param configuration the YAML below {@code upkeep}
     * @param jvm further options of its JVM, for profiling
     */
    public ResidentExecutor(Path folder, String configuration, List<String> jvm) throws Exception {
        broker = LocalBroker.in(folder.resolve("kafka")).asDisposable().start();
        kafka = new KafkaSettings(broker.bootstrapServers(), Topics.DEFAULT, "upkeep-bench", Map.of());
        try (Admin admin = Admin.create(kafka.admin())) {
            new TopicSetup(admin, kafka.topics()).create(1, Optional.of((short) 1));
        }
        Path file = Files.writeString(
                folder.resolve("executor.yaml"),
                "upkeep:\n  kafka:\n    bootstrap: \"" + broker.bootstrapServers() + "\"\n  executor:\n    id: " + ID
                        + "\n    data: \"" + folder.resolve("journal") + "\"\n" + configuration.indent(2));
        int port = Ports.free();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(jvm);
        command.add("-Dupkeep.purge.directory=" + folder.resolve("archives"));
        command.addAll(List.of("-Dsmallrye.config.locations=" + file, "-Dquarkus.http.port=" + port, "-jar"));
        command.add(Path.of(System.getProperty("upkeep.home"), "executor-service/target/quarkus-app/quarkus-run.jar")
                .toString());
        process = ChildSetup.of("the executor", command, folder.resolve("executor.log"))
                .start();
        process.awaitReady(Duration.ofSeconds(90), () -> isReady(port));
    }

    private static boolean isReady(int port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        return HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }

    /** Has a task done, and waits for its end; fails unless it succeeds. */
    public TaskResult run(DatabaseId database, Task task) throws Exception {
        Instant now = Instant.now();
        RunId run = RunId.ofRequest("bench-" + ++commands);
        Command command = new Command(
                CommandId.of(run, database),
                run,
                new Origin(Origin.Kind.REQUEST, "bench", Optional.empty(), Optional.empty()),
                database,
                ID,
                now,
                now,
                new Validity(now, now.plus(PATIENCE), now.plus(PATIENCE)),
                false,
                Optional.empty(),
                List.of(Step.of(task)));
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer())) {
            producer.send(new Records(kafka.topics(), "upkeep/bench", Clock.systemUTC())
                            .of(Message.COMMAND, command, 0, Optional.empty()))
                    .get(20, TimeUnit.SECONDS);
        }
        Result result = result(command.id());
        if (result.outcome() != Outcome.SUCCEEDED) {
            throw new IllegalStateException(result.outcome() + ": " + result.reasons() + " "
                    + result.tasks().stream().map(TaskResult::reason).toList());
        }
        return result.tasks().get(0);
    }

    private Result result(CommandId wanted) throws Unreadable {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(kafka.topics().name(Topic.RESULTS))
                    .stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (Instant end = Instant.now().plus(PATIENCE); Instant.now().isBefore(end); ) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Result result = Records.read(record, Message.RESULT);
                    if (result.command().equals(wanted)) {
                        return result;
                    }
                }
            }
            throw new IllegalStateException("no result of " + wanted + process.logTail());
        }
    }

    public static long deleted(TaskResult result) {
        return (long) result.measurements().stream()
                .filter(each -> each.name().equals("purge_deleted"))
                .mapToDouble(Measurement::value)
                .sum();
    }

    @Override
    public void close() {
        process.close();
        broker.close();
    }
}
