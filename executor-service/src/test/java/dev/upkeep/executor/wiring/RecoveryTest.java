package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.executor.fence.LockHolder;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an executor makes of the journal that it finds, and of defects of its own. */
class RecoveryTest {
    @TempDir
    Path folder;

    private Bench bench;

    @AfterEach
    void close() {
        bench.close();
    }

    private void spoil(String sql) {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + bench.data().resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isOne();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void oneUnreadableEntryEndsWithAResultAndTheOthersGoOn() {
        bench = new Bench(folder);
        Command unknown = bench.command("unknown", Bench.analyze());
        Command begun = bench.command("begun", Bench.analyze());
        Command nobodys = bench.command("nobodys", Bench.analyze());
        Command steps = bench.command("steps", HealthCheck.quick(), Bench.analyze());
        Command good = bench.command("good", Bench.analyze());
        bench.leave(unknown, journal -> {})
                .leave(begun, journal -> journal.begin(begun.id()))
                .leave(nobodys, journal -> {})
                .leave(steps, journal -> {
                    journal.begin(steps.id());
                    journal.beginStep(steps.id(), 0);
                })
                .leave(good, journal -> {});
        String polish =
                "UPDATE command SET body = CAST(replace(CAST(body AS TEXT), '\"analyze\"', '\"polish\"') AS BLOB)";
        spoil(polish + " WHERE id = 'unknown/one'");
        spoil(polish + " WHERE id = 'begun/one'");
        spoil("UPDATE command SET body = x'00ff' WHERE id = 'nobodys/one'");
        spoil("UPDATE step SET state = 'ended', result = x'00ff' WHERE command = 'steps/one'");

        bench.start();

        assertThat(bench.bus.result(good).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.result(unknown).outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(bench.bus.result(unknown).reasons().get(0).code()).isEqualTo(Code.INVALID);
        assertThat(bench.bus.result(unknown).reasons().get(0).message()).contains("polish");
        assertThat(bench.bus.result(begun).outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(bench.bus.result(steps).outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(bench.bus.results(nobodys)).isEmpty();
        assertThat(bench.core().figures().waiting()).isZero();
        assertThat(bench.analyze.calls()).containsExactly("good/one");
    }

    @Test
    void aTaskThatWasStoppedInGoodOrderManyTimesIsNotTakenForOneThatKills() {
        bench = new Bench(folder);
        Command often = bench.command("often", Bench.analyze());
        bench.leave(often, journal -> {
            journal.begin(often.id());
            for (int i = 0; i < 7; i++) {
                journal.beginStep(often.id(), 0);
                journal.pause(often.id());
            }
            journal.beginStep(often.id(), 0);
        });
        AtomicInteger tries = new AtomicInteger();
        bench.analyze.does((order, on, attempt) -> {
            if (tries.incrementAndGet() == 1) {
                throw new Failure(Code.CONNECTION_LOST, "gone, and it is the first time");
            }
            return Scripted.done();
        });

        bench.start();

        assertThat(bench.bus.result(often).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void aTaskInWhoseMiddleTheExecutorDiedFiveTimesIsGivenUp() {
        bench = new Bench(folder);
        Command deadly = bench.command("deadly", Bench.analyze());
        bench.leave(deadly, journal -> {
            journal.begin(deadly.id());
            for (int i = 0; i < 5; i++) {
                journal.beginStep(deadly.id(), 0);
            }
        });

        bench.start();

        Result result = bench.bus.result(deadly);
        assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(result.reasons().get(0).message()).contains("died 5 times");
        assertThat(bench.analyze.calls()).isEmpty();
    }

    /** A clock that makes the dispatcher's thread fail for a while. */
    private static final class Faulty extends Clock {
        private final AtomicInteger left = new AtomicInteger();

        @Override
        public Instant instant() {
            if (Thread.currentThread().getName().equals("dispatch") && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                throw new IllegalStateException("a defect, for a test");
            }
            return Instant.now();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void aDefectInTheDispatcherDoesNotEndDispatching() {
        Faulty clock = new Faulty();
        bench = new Bench(folder).with(clock).start();
        clock.left.set(3);
        Command command = bench.command("after-defect", Bench.analyze());

        bench.bus.send(command);

        assertThat(bench.bus.result(command).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(clock.left.get()).isZero();
    }

    @Test
    void aDeletedJournalIsNotTakenForAFirstStart() throws Exception {
        bench = new Bench(folder).start();
        Awaitility.await().until(() -> last().journalBornAt().isPresent());
        assertThat(last().recoveredAt()).as("a first start").isEmpty();
        Instant birth = last().journalBornAt().orElseThrow();
        Command before = bench.command("before", Bench.analyze());
        Command looking = bench.command("looking", HealthCheck.quick());
        bench.stop();
        try (Stream<Path> files = Files.list(bench.data())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        bench.bus.send(before);
        bench.bus.send(looking);

        bench.start();

        Awaitility.await("the loss is stated").until(() -> last().recoveredAt().isPresent());
        assertThat(last().journalBornAt().orElseThrow()).isAfter(birth);
        assertThat(last().recoveredAt()).isEqualTo(last().journalBornAt());
        Result refused = bench.bus.result(before);
        assertThat(refused.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(refused.reasons().get(0).code()).isEqualTo(Code.NEEDS_CONFIRMATION);
        assertThat(bench.bus.result(looking).outcome()).isEqualTo(Outcome.SUCCEEDED);
        Command after = bench.command("after", Vacuum.auto());
        bench.bus.send(after);
        assertThat(bench.bus.result(after).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    private Registration last() throws Unreadable {
        List<ConsumerRecord<String, byte[]>> heartbeats =
                bench.bus.all(Topic.EXECUTORS).isEmpty()
                        ? bench.bus.await(Topic.EXECUTORS, 1)
                        : bench.bus.all(Topic.EXECUTORS);
        return Records.read(heartbeats.get(heartbeats.size() - 1), Message.REGISTRATION);
    }

    @Test
    void twoCommandsOutOfOrderEachRunOnceAndOneADayLateExpires() {
        bench = new Bench(folder).start();
        Instant now = Instant.now();
        Command late = bench.command(
                "late",
                bench.one,
                new Validity(now.minus(Duration.ofDays(1)), now.minus(Duration.ofHours(23)), now.plusSeconds(60)),
                Step.of(Bench.analyze()));
        Command second = bench.command("second", Bench.analyze());
        Command first = bench.command("first", Bench.analyze());
        for (Command command : List.of(second, first, late, second, first, late)) {
            bench.bus.send(command);
        }

        assertThat(bench.bus.result(late).outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(bench.bus.result(first).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.result(second).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.analyze.calls()).containsExactly("second/one", "first/one");
    }

    /** Works on in its first call until the runner notices that the lock file is no longer the one that it holds. */
    private void losesItsHold(Runnable andThen) {
        bench.analyze.does((order, on, attempt) -> {
            if (bench.analyze.calls().size() > 1) {
                return Scripted.done();
            }
            Files.delete(Path.of(bench.file("one") + ".upkeep-lock"));
            andThen.run();
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ZERO, Duration.ofMillis(20));
            }
            throw new IllegalStateException("nobody noticed");
        });
    }

    @Test
    void aHoldThatWasLostIsTakenAgain() {
        bench = new Bench(folder).start();
        losesItsHold(() -> {});
        Command command = bench.command("lost", Bench.analyze());

        bench.bus.send(command);

        assertThat(bench.bus.result(command).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.analyze.calls()).hasSize(2);
    }

    @Test
    void aHoldThatAnotherHasByNowEndsTheWorkBetweenTwoBatches() throws Exception {
        bench = new Bench(folder).start();
        AtomicReference<Process> other = new AtomicReference<>();
        losesItsHold(() -> other.set(anotherExecutor()));
        Command command = bench.command("taken", Bench.analyze());
        try {
            bench.bus.send(command);

            Result result = bench.bus.result(command);
            assertThat(result.outcome()).isEqualTo(Outcome.CONTENDED);
            assertThat(result.reasons().get(0).message()).contains("other-process");
            assertThat(bench.analyze.calls()).hasSize(1);
        } finally {
            other.get().destroyForcibly().waitFor();
        }
    }

    private Process anotherExecutor() {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx32m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LockHolder.class.getName(),
                            bench.file("one").toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(process.inputReader().readLine()).isEqualTo("held");
            return process;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
