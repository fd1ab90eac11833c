package dev.upkeep.scheduler.leader;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.LocalBroker;
import dev.upkeep.scheduler.fixture.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/**
 * A simulated day of a fleet on a real broker, to be run by hand: ten databases per executor, 20 policies of which five fire at
 * 02:00 and executors that answer every command at once. The replica is a process of its own
 * with a heap of 512 MB, whose clock runs fast. Prints what docs/scheduler-scale.md shows; {@code deploy/bench/run fleet}
 * runs it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong is said by the callbacks
final class FleetDay {
    private final Path folder;
    private final int executors;
    private final long began;
    private final KafkaSettings kafka;

    private FleetDay(Path folder, int executors, KafkaSettings kafka) {
        this.folder = folder;
        this.executors = executors;
        this.began = System.currentTimeMillis();
        this.kafka = kafka;
    }

    /** A folder for broker and logs, and the number of executors. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int executors = Integer.parseInt(args[1]);
        try (LocalBroker broker =
                LocalBroker.in(folder.resolve("kafka")).asDisposable().start()) {
            Topics topics = new Topics("day.");
            KafkaSettings kafka = new KafkaSettings(broker.bootstrapServers(), topics, "day", Map.of());
            try (Admin admin = Admin.create(kafka.admin())) {
                new TopicSetup(admin, topics).create(16, Optional.of((short) 1));
            }
            new FleetDay(folder, executors, kafka).run();
        }
    }

    private void run() throws Exception {
        register();
        policies();
        ChildProcess replica = start("one");
        Map<String, Integer> perRun = new HashMap<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(kafka.consumer());
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer())) {
            List<TopicPartition> lanes = consumer.partitionsFor(kafka.topics().name(Topic.COMMANDS)).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(lanes);
            consumer.seekToBeginning(lanes);
            Records records = new Records(kafka.topics(), "day", Clock.systemUTC());
            FastClock clock = new FastClock(began);
            Instant end = clock.instant().plus(Duration.ofDays(1));
            long first = 0;
            long last = 0;
            int peak = 0;
            int all = 0;
            while (clock.instant().isBefore(end)) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Command command = Records.read(record, Message.COMMAND);
                    all++;
                    perRun.merge(command.run().text(), 1, Integer::sum);
                    if (command.run().text().contains("T02:00Z")) {
                        peak++;
                        first = first == 0 ? record.timestamp() : Math.min(first, record.timestamp());
                        last = Math.max(last, record.timestamp());
                    }
                    producer.send(
                            records.of(Message.RESULT, result(command, clock.instant()), Optional.empty()), (m, e) -> {
                                if (e != null) {
                                    System.err.println("result not sent: " + e);
                                }
                            });
                }
            }
            System.out.printf("commands of the day: %,d in %d runs%n", all, perRun.size());
            System.out.printf("peak at 02:00: %,d commands in %.1f s%n", peak, (last - first) / 1000.0);
        }
        replica.kill();
        long restart = System.nanoTime();
        ChildProcess again = start("two");
        again.awaitReady(
                Duration.ofMinutes(3), () -> Files.readString(again.log()).contains("ROLE " + again.pid() + " LEADER"));
        System.out.printf("restart until leading: %.1f s%n", (System.nanoTime() - restart) / 1e9);
        again.awaitEnd(Duration.ofSeconds(25));
        again.kill();
        System.out.println("leading all day: " + lastStats("one"));
        System.out.println("after the restart: " + lastStats("two"));
        Matcher day = Pattern.compile("cpu=([0-9.]+)s .*firings=(\\d+) commands=(\\d+)")
                .matcher(lastStats("one"));
        if (day.find()) {
            double cpu = Double.parseDouble(day.group(1));
            System.out.printf(
                    "CPU with start and JIT: %.2f s per firing, %.3f ms per command%n",
                    cpu / Long.parseLong(day.group(2)), cpu * 1_000 / Long.parseLong(day.group(3)));
        }
    }

    private String lastStats(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"))
                .lines()
                .filter(line -> line.startsWith("STATS"))
                .reduce("", (a, b) -> b);
    }

    private void register() {
        Records records = new Records(kafka.topics(), "day", Clock.systemUTC());
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(kafka.producer())) {
            for (int host = 0; host < executors; host++) {
                int number = host;
                List<dev.upkeep.common.fleet.RegisteredDatabase> own = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    own.add(Fixtures.database(
                            String.format("host%05d/db%d", number, i),
                            Map.of("env", "prod", "ring", "r" + (number * 10 + i) % 20),
                            dev.upkeep.common.task.Task.names()));
                }
                Registration once = Fixtures.executor(String.format("host%05d", number), Instant.now(), own);
                Registration lasting = new Registration(
                        once.executor(),
                        once.version(),
                        once.host(),
                        once.startedAt(),
                        once.at(),
                        Duration.ofDays(30),
                        dev.upkeep.common.fleet.Lane.of(once.executor(), 16),
                        16,
                        false,
                        once.databases(),
                        List.of(),
                        Map.of(),
                        Optional.empty());
                producer.send(records.of(Message.REGISTRATION, lasting, Optional.empty()), (m, e) -> {
                    if (e != null) {
                        System.err.println("registration not sent: " + e);
                    }
                });
            }
        }
    }

    private void policies() throws IOException {
        Path policies = Files.createDirectories(folder.resolve("policies"));
        for (int number = 0; number < 20; number++) {
            String select = number == 0 ? "{all: true}" : "{labels: [\"ring=r" + number + "\"]}";
            int hour = number < 5 ? 2 : number;
            Files.writeString(policies.resolve("p" + number + ".yaml"), """
                    name: p%d
                    select: %s
                    schedule: {cron: "0 %d * * *"}
                    startWithin: 20h
                    finishWithin: 22h
                    tasks: [{type: health-check}, {type: analyze}]
                    """.formatted(number, select, hour));
        }
    }

    private ChildProcess start(String name) {
        return ChildSetup.of(
                        "replica " + name,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx512m",
                                "-XX:+UseG1GC",
                                "-XX:MaxGCPauseMillis=50",
                                "-Dupkeep.test.speed=" + FastClock.SPEED,
                                "-Dupkeep.test.stats=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ReplicaMain.class.getName(),
                                kafka.bootstrap(),
                                kafka.topics().prefix(),
                                folder.resolve("policies").toString(),
                                name,
                                Long.toString(began),
                                "6000"),
                        folder.resolve(name + ".log"))
                .start();
    }

    private static Result result(Command command, Instant now) {
        return Result.of(command, Outcome.SUCCEEDED, List.of(), 1, now, Optional.of(now), now, List.of());
    }
}
