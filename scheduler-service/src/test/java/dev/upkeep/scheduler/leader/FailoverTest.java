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
import java.util.Comparator;
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
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas as processes on a broker of their own, and a clock on which a minute passes per second. Sixty policies fire once
 * an hour each, one in every minute, so that each minute of the test must have exactly one run: that is counted here by plain
 * arithmetic, without the scheduler's timetables. The leader is killed, paused for longer than its session, and the broker
 * restarted, at random moments.
 *
 * <p>{@code -Dupkeep.test.kills=100 -Dupkeep.test.session=6000} makes it the long proof of docs/scheduler-scale.md.
 */
class FailoverTest {
    private static final int KILLS = Integer.getInteger("upkeep.test.kills", 3);
    private static final int SESSION = Integer.getInteger("upkeep.test.session", 2_000);

    /** The broker is restarted at one of so many blows. */
    private static final int RESTARTS = Integer.getInteger("upkeep.test.restarts", 25);

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
                for (int blow = 1; blow <= KILLS; blow++) {
                    requests.add("r-" + blow);
                    failovers.add(blow(blow, stage, broker, random));
                }
                end = clock.instant();
                Instant last = end;
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> firings(stage).lastKey() > last.getEpochSecond() / 60 + 1);
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> open(stage, last).isEmpty());
                replicas.values().forEach(ChildProcess::kill);
                await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            } catch (ConditionTimeoutException e) {
                tellAll(stage);
                throw e;
            }
            check(stage, requests, end);
            report(stage, failovers);
        } finally {
            replicas.values().forEach(ChildProcess::kill);
        }
    }

    /** One request, and a blow at the leader a moment later; returns how long nobody led, in milliseconds. */
    private long blow(int blow, Stage stage, LocalBroker broker, Random random) {
        stage.request("{\"id\": \"r-" + blow + "\", \"select\": {\"all\": true}, \"startWithin\": \"6d\","
                + " \"finishWithin\": \"6d\", \"tasks\": [{\"type\": \"health-check\"}]}");
        await().pollDelay(Duration.ofMillis(200 + random.nextInt(1_500))).until(() -> true);
        String leader = leader();
        long at = System.nanoTime();
        long since = System.currentTimeMillis();
        if (blow % 10 == 3) {
            ChildProcess paused = replicas.get(leader);
            paused.signal("STOP");
            leaderSince(since);
            paused.signal("CONT");
        } else {
            replicas.get(leader).kill();
            if (blow % RESTARTS == 5 % RESTARTS) {
                broker.restart();
            }
            leaderSince(since);
            start(leader);
        }
        long took = (System.nanoTime() - at) / 1_000_000;
        assertThat(stage.runs().values())
                .as("no firing is left out")
                .noneMatch(run -> run.run().text().contains("@")
                        && (run.status() == RunState.Status.SKIPPED || run.status() == RunState.Status.REJECTED));
        System.out.println("BLOW " + blow + " at " + leader + ": " + took + " ms, clock " + clock.instant());
        return took;
    }

    private static List<RunState> open(Stage stage, Instant until) {
        return stage.runs().values().stream()
                .filter(run -> run.asOf().isBefore(until))
                .filter(run -> run.status() == RunState.Status.ACCEPTED)
                .toList();
    }

    /** Leaves behind what is needed to find out why nothing moved: the replicas' threads, and the runs without an end. */
    private void tellAll(Stage stage) throws IOException {
        replicas.values().forEach(replica -> replica.signal("QUIT"));
        StringBuilder text = new StringBuilder();
        open(stage, clock.instant())
                .forEach(run -> text.append("OPEN ").append(run).append('\n'));
        Set<String> answered = new TreeSet<>();
        stage.all(Topic.RESULTS).forEach(record -> answered.add(new String(record.value(), StandardCharsets.UTF_8)));
        stage.commands().stream()
                .filter(command -> answered.stream()
                        .noneMatch(result -> result.contains(command.id().text())))
                .forEach(command ->
                        text.append("UNANSWERED ").append(command.id()).append('\n'));
        Files.writeString(Path.of("target", "failover-stuck.txt"), text);
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
        return leaderSince(0);
    }

    /** The youngest leader, which must have come to lead after this moment: the one that was hit may still say that it leads. */
    private String leaderSince(long moment) {
        return await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> replicas.entrySet().stream()
                                .filter(replica -> leadsSince(replica.getValue()) > moment)
                                .max(Comparator.comparingLong(replica -> leadsSince(replica.getValue())))
                                .map(Map.Entry::getKey)
                                .orElse(""),
                        name -> !name.isEmpty());
    }

    /** Since when it says that it leads; 0 if it does not. */
    private static long leadsSince(ChildProcess replica) {
        try {
            List<String[]> roles = Files.readString(replica.log(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("ROLE " + replica.pid() + " "))
                    .map(line -> line.split(" ", -1))
                    .toList();
            boolean leads = replica.isAlive()
                    && !roles.isEmpty()
                    && roles.get(roles.size() - 1)[2].equals(Standing.Role.LEADER.name());
            return leads ? Long.parseLong(roles.get(roles.size() - 1)[3]) : 0;
        } catch (IOException e) {
            return 0;
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
