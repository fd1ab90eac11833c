package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.LocalBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas as processes on a broker of their own, and a clock on which a minute passes per second. Sixty policies fire once
 * an hour each, one in every minute, so that each minute of the test must have exactly one run: that is counted here by plain
 * arithmetic, without the scheduler's timetables. The leader is killed, paused for longer than its session, and the broker
 * restarted, at random moments.
 *
 * <p>{@code -Dupkeep.test.kills=100 -Dupkeep.test.session=8000} makes it the long proof of docs/scheduler-scale.md.
 */
class FailoverTest {
    private static final int KILLS = Integer.getInteger("upkeep.test.kills", 3);
    private static final int SESSION = Integer.getInteger("upkeep.test.session", 2_000);
    private static final long SEED = Long.getLong("upkeep.test.seed", 7);

    @TempDir
    private Path folder;

    private final Map<String, ChildProcess> replicas = new TreeMap<>();
    private final long began = System.currentTimeMillis();
    private final FastClock clock = new FastClock(began);
    private String prefix = "";
    private String bootstrap = "";

    @Test
    void emitsEveryFiringAndEveryRequestExactlyOnce() throws Exception {
        Path policies = policies();
        Random random = new Random(SEED);
        List<Long> failovers = new ArrayList<>();
        Set<String> requests = new TreeSet<>();
        Instant end;
        try (LocalBroker broker = LocalBroker.in(folder.resolve("kafka"))
                        .setting("group.min.session.timeout.ms", "1000")
                        .setting("group.initial.rebalance.delay.ms", "0")
                        .start();
                Stage stage = new Stage(policies, clock, broker.bootstrapServers())) {
            bootstrap = broker.bootstrapServers();
            prefix = stage.kafka().topics().prefix();
            stage.executor("pg-1", Engine.POSTGRESQL, Map.of(), "pg-1/a", "pg-1/b");
            try (Answers answers = new Answers(stage)) {
                answers.begin();
                start("one");
                start("two");
                leader();
                for (int kill = 1; kill <= KILLS; kill++) {
                    requests.add("r-" + kill);
                    stage.request("{\"id\": \"r-" + kill + "\", \"select\": {\"all\": true}, \"startWithin\": \"6d\","
                            + " \"finishWithin\": \"6d\", \"tasks\": [{\"type\": \"health-check\"}]}");
                    await().pollDelay(Duration.ofMillis(200 + random.nextInt(1_500)))
                            .until(() -> true);
                    String leader = leader();
                    long at = System.nanoTime();
                    if (kill % 10 == 3) {
                        ChildProcess paused = replicas.get(leader);
                        paused.signal("STOP");
                        otherThan(leader);
                        paused.signal("CONT");
                    } else {
                        replicas.get(leader).kill();
                        if (kill % 25 == 5) {
                            broker.restart();
                        }
                        otherThan(leader);
                        start(leader);
                    }
                    failovers.add((System.nanoTime() - at) / 1_000_000);
                }
                end = clock.instant();
                Instant last = end;
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> firings(stage).lastKey() > last.getEpochSecond() / 60 + 1);
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> stage.runs().values().stream()
                                .filter(run -> run.asOf().isBefore(end))
                                .allMatch(run -> run.status() != RunState.Status.ACCEPTED));
                replicas.values().forEach(ChildProcess::kill);
                await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            }
            check(stage, requests, end);
            report(stage, failovers);
        } finally {
            replicas.values().forEach(ChildProcess::kill);
        }
    }

    private void check(Stage stage, Set<String> requests, Instant end) {
        NavigableMap<Long, Integer> firings = firings(stage);
        for (long minute = firings.firstKey(); minute <= firings.lastKey(); minute++) {
            assertThat(firings)
                    .as("commands of minute " + Instant.ofEpochSecond(minute * 60))
                    .containsEntry(minute, 2);
        }
        Map<String, Integer> ofRequests = new TreeMap<>();
        stage.commands().stream()
                .filter(command -> !command.run().text().contains("@"))
                .forEach(command -> ofRequests.merge(command.run().text(), 1, Integer::sum));
        assertThat(ofRequests.keySet()).isEqualTo(requests);
        assertThat(ofRequests.values()).containsOnly(2);
        assertThat(stage.runs().values())
                .filteredOn(run -> run.asOf().isBefore(end))
                .allSatisfy(run -> assertThat(run.targets())
                        .allSatisfy(target -> assertThat(target.outcome()).contains(Outcome.SUCCEEDED)));
    }

    /** The number of commands for each minute, by the ids of policies and runs alone. */
    private static NavigableMap<Long, Integer> firings(Stage stage) {
        NavigableMap<Long, Integer> firings = new TreeMap<>();
        for (Command command : stage.commands()) {
            String run = command.run().text();
            if (run.contains("@")) {
                long minute = Instant.parse(run.substring(run.indexOf('@') + 1).replace("Z", ":00Z"))
                                .getEpochSecond()
                        / 60;
                assertThat(run).startsWith("p" + minute % 60 + "@");
                firings.merge(minute, 1, Integer::sum);
            }
        }
        return firings.isEmpty() ? new TreeMap<>(Map.of(0L, 0)) : firings;
    }

    private void report(Stage stage, List<Long> failovers) throws IOException {
        List<Long> sorted = failovers.stream().sorted().toList();
        String text = "kills=" + KILLS + " session=" + SESSION + "ms firings="
                + firings(stage).size()
                + " failover ms: median=" + sorted.get(sorted.size() / 2) + " max=" + sorted.get(sorted.size() - 1)
                + " all=" + failovers + "\n";
        Files.writeString(Path.of("target", "failover.txt"), text);
    }

    private Path policies() throws IOException {
        Path policies = Files.createDirectory(folder.resolve("policies"));
        for (int minute = 0; minute < 60; minute++) {
            Files.writeString(policies.resolve("p" + minute + ".yaml"), """
                    name: p%d
                    select: {all: true}
                    schedule: {cron: "%d * * * *"}
                    startWithin: 55m
                    tasks: [{type: health-check}]
                    """.formatted(minute, minute));
        }
        return policies;
    }

    private void start(String name) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dupkeep.test.speed=" + FastClock.SPEED,
                "-cp",
                System.getProperty("java.class.path"),
                ReplicaMain.class.getName(),
                bootstrap,
                prefix,
                folder.resolve("policies").toString(),
                name,
                Long.toString(began),
                Integer.toString(SESSION));
        replicas.put(
                name,
                ChildSetup.of("replica " + name, command, Path.of("target", "failover-" + name + ".log"))
                        .start());
    }

    private String leader() {
        return otherThan("");
    }

    private String otherThan(String former) {
        return await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> replicas.entrySet().stream()
                                .filter(replica -> !replica.getKey().equals(former))
                                .filter(replica -> leads(replica.getValue()))
                                .map(Map.Entry::getKey)
                                .findFirst()
                                .orElse(""),
                        name -> !name.isEmpty());
    }

    private static boolean leads(ChildProcess replica) {
        try {
            List<String> roles = Files.readString(replica.log(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("ROLE " + replica.pid() + " "))
                    .toList();
            return replica.isAlive()
                    && !roles.isEmpty()
                    && roles.get(roles.size() - 1).endsWith(Standing.Role.LEADER.name());
        } catch (IOException e) {
            return false;
        }
    }

    /** An executor that answers every command at once, and any repeat again. */
    private static final class Answers implements AutoCloseable {
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final Thread thread;

        Answers(Stage stage) {
            thread = new Thread(() -> answer(stage), "answers");
        }

        void begin() {
            thread.start();
        }

        private void answer(Stage stage) {
            Map<String, Boolean> done = new HashMap<>();
            try {
                while (!stopped.await(100, TimeUnit.MILLISECONDS)) {
                    for (ConsumerRecord<String, byte[]> record : stage.all(Topic.COMMANDS)) {
                        String place = record.partition() + "-" + record.offset();
                        if (done.putIfAbsent(place, true) == null) {
                            stage.result(Records.read(record, Message.COMMAND), Outcome.SUCCEEDED);
                        }
                    }
                }
            } catch (InterruptedException | dev.upkeep.common.wire.Unreadable e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            stopped.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
