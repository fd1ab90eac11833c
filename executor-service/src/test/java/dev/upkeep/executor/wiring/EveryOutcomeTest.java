package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each outcome that an executor can say is reached by a command from the bus, and published. A new outcome without a case here
 * does not compile; the details of each are in {@link OutcomesTest}.
 */
class EveryOutcomeTest {
    @TempDir
    Path folder;

    private Bench bench;

    @AfterEach
    void close() {
        bench.close();
    }

    static Stream<Outcome> ofExecutors() {
        return EnumSet.complementOf(EnumSet.of(Outcome.SKIPPED, Outcome.OFFLINE)).stream();
    }

    @ParameterizedTest
    @MethodSource("ofExecutors")
    void isReached(Outcome outcome) {
        bench = new Bench(folder);
        Command command = leadingTo(outcome);

        Result result = bench.bus.result(command);

        assertThat(result.outcome()).isEqualTo(outcome);
        assertThat(result.reasons().isEmpty())
                .as("only a good end needs no reason: %s", result.reasons())
                .isEqualTo(outcome.isGood());
    }

    private Command leadingTo(Outcome outcome) {
        if (outcome != Outcome.INTERRUPTED) {
            bench.start();
        }
        return switch (outcome) {
            case SUCCEEDED -> sent(bench.command("done", Bench.analyze()));
            case NOTHING_TO_DO -> {
                bench.analyze.does((order, on, attempt) -> Done.nothing(Map.of(), List.of(), List.of()));
                yield sent(bench.command("idle", Bench.analyze()));
            }
            case PARTIAL -> {
                bench.analyze.does((order, on, attempt) ->
                        Done.partial(Map.of(), new Reason(Code.WINDOW_CLOSED, "out of time"), List.of(), List.of()));
                yield sent(bench.command("part", Bench.analyze()));
            }
            case REJECTED -> sent(bench.command("nowhere", new DatabaseId("elsewhere"), Bench.analyze()));
            case EXPIRED -> sent(within("late", Duration.ofDays(-1), Duration.ofHours(-1), Duration.ofHours(1)));
            case OUTSIDE_WINDOW -> sent(within("far", Duration.ofDays(30), Duration.ofDays(31), Duration.ofDays(31)));
            case CONTENDED -> fails("busy", Code.BUSY);
            case FAILED -> fails("full", Code.DISK_FULL);
            case CANCELLED -> {
                Command command =
                        sent(within("unwanted", Duration.ofHours(1), Duration.ofHours(2), Duration.ofHours(2)));
                bench.bus.send(new Cancel(
                        command.id(), command.executor(), Instant.now(), Optional.of("anna"), Optional.empty()));
                yield command;
            }
            case INTERRUPTED -> {
                Command command = bench.command("dead", Bench.restore());
                bench.leave(command, journal -> {
                    journal.begin(command.id());
                    journal.beginStep(command.id(), 0);
                });
                bench.start();
                yield command;
            }
            case SKIPPED, OFFLINE -> throw new AssertionError("said by the scheduler");
        };
    }

    private Command fails(String name, Code code) {
        bench.analyze.does((order, on, attempt) -> {
            throw new Failure(code, "for a test");
        });
        return sent(bench.command(name, Bench.analyze()));
    }

    private Command within(String name, Duration opens, Duration startBy, Duration finishBy) {
        Instant now = Instant.now();
        return bench.command(
                name,
                bench.one,
                new Validity(now.plus(opens), now.plus(startBy), now.plus(finishBy)),
                Step.of(Bench.analyze()));
    }

    private Command sent(Command command) {
        bench.bus.send(command);
        return command;
    }
}
