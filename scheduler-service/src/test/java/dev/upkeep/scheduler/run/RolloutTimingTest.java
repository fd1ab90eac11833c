package dev.upkeep.scheduler.run;

import static dev.upkeep.scheduler.fixture.Fixtures.database;
import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static dev.upkeep.scheduler.fixture.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.Task;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rollouts over 100 databases with random limits, groups, spread and retries, whose results come in any order, late and twice, and
 * whose leader dies at random moments and knows afterwards only what was written. What is at work is counted by the executors,
 * not by the scheduler.
 */
class RolloutTimingTest {
    private static final Instant TWO = Instant.parse("2026-11-21T02:00:00Z");

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void stopsAtTheThirdFailureAndNeverTouchesTwoOfOneGroupAtOnce(int seed) {
        Random random = new Random(seed);
        int parallel = 1 + random.nextInt(20);
        Map<DatabaseId, String> groups = new HashMap<>();
        List<RegisteredDatabase> databases = new ArrayList<>();
        int clusters = 5 + random.nextInt(40);
        for (int i = 0; i < 100; i++) {
            String group = "g" + random.nextInt(clusters);
            databases.add(database(String.format("db%03d", i), Map.of("cluster", group), Task.names()));
            groups.put(databases.get(i).id(), group);
        }
        Registration executor = executor("e", TWO, databases);
        Fleet fleet = new Fleet();
        fleet.register(executor);
        String schedule = random.nextBoolean() ? ", spread: 10m" : "";
        Run durable = new PolicyRuns(new Freezer(List.of(executor), List.of()), List.of())
                .fire(
                        new Firing(
                                policy(
                                        "schedule: {cron: \"0 2 * * *\"" + schedule + "}",
                                        "rollout: {canary: " + (1 + random.nextInt(3))
                                                + ", waves: [20, 60], maxParallel: " + parallel
                                                + ", group: cluster, stopAfter: {failures: 3}}",
                                        "retry: {attempts: 2, backoff: 1m}",
                                        "startWithin: 12h",
                                        "finishWithin: 12h"),
                                TWO,
                                0),
                        Map.of(),
                        TWO);
        RunBook book = new RunBook(Duration.ofDays(1), 10_000);
        book.written(durable);
        Set<Command> atWork = new HashSet<>();
        List<Result> topic = new ArrayList<>();
        int read = 0;
        int committed = 0;
        int sentAfterStop = 0;
        Instant now = TWO;

        for (int step = 0;
                step < 20_000 && !book.find(durable.head().id()).orElseThrow().isOver();
                step++) {
            now = now.plusSeconds(random.nextInt(15));
            Run run = book.find(durable.head().id()).orElseThrow();
            switch (random.nextInt(5)) {
                case 0 -> {
                    Dispatch.Dispatched due =
                            new Dispatch(fleet, List.of(), now).due(run, Turns.FREE, 1 + random.nextInt(1_000));
                    sentAfterStop +=
                            run.tally().failures() >= 3 ? due.commands().size() : 0;
                    atWork.addAll(due.commands());
                    book.written(due.run());
                    durable = due.run();
                }
                case 1, 2 -> {
                    for (Command command : List.copyOf(atWork)) {
                        if (random.nextInt(4) == 0) {
                            atWork.remove(command);
                            Result result = answer(command, random.nextInt(12), now);
                            topic.add(result);
                            if (random.nextInt(5) == 0) {
                                topic.add(result);
                            }
                        }
                    }
                }
                case 3 -> {
                    int to = Math.min(topic.size(), read + 1 + random.nextInt(10));
                    book.apply(topic.subList(read, to), now);
                    read = to;
                    if (random.nextBoolean()) {
                        durable = book.find(durable.head().id()).orElseThrow();
                        committed = read;
                    }
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        book = new RunBook(Duration.ofDays(1), 10_000);
                        book.written(durable);
                        read = committed;
                    }
                }
            }
            Set<String> busy = new HashSet<>();
            assertThat(atWork)
                    .hasSizeLessThanOrEqualTo(parallel)
                    .allMatch(command -> busy.add(groups.get(command.database())));
        }

        Run over = book.find(durable.head().id()).orElseThrow();
        assertThat(over.isOver()).isTrue();
        assertThat(sentAfterStop).isZero();
        assertThat(atWork).isEmpty();
        assertThat(over.targets())
                .hasSize(100)
                .allMatch(target -> target.outcome().isPresent());
        boolean stopped = over.tally().failures() >= 3;
        if (!stopped) {
            assertThat(over.tally().ended()).doesNotContainKey(Outcome.SKIPPED);
        }
    }

    private static Result answer(Command command, int dice, Instant now) {
        Outcome outcome = dice <= 1 ? Outcome.FAILED : Outcome.SUCCEEDED;
        List<Reason> reasons = dice == 0
                ? List.of(new Reason(Code.DISK_FULL, "no room"))
                : dice == 1 ? List.of(new Reason(Code.LOCK_TIMEOUT, "locked")) : List.of();
        return Result.of(command, outcome, reasons, 1, now, Optional.of(now), now, List.of());
    }
}
