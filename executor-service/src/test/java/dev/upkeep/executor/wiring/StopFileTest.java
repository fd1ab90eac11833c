package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The STOP file, and guardrails that were tightened, hold for what was taken before, too. */
class StopFileTest {
    @TempDir
    Path folder;

    private Bench bench;

    @AfterEach
    void close() {
        bench.close();
    }

    private void stopFile() {
        try {
            Files.createFile(folder.resolve("STOP"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Command later(String name, Duration opens) {
        Instant from = Instant.now().plus(opens);
        return bench.command(
                name,
                bench.one,
                new Validity(from, from.plusSeconds(600), from.plusSeconds(600)),
                Step.of(Bench.analyze()));
    }

    private static Reason reason(Result result) {
        return result.reasons().get(0);
    }

    private void worksUntilToldToStop() {
        bench.analyze.does((order, on, attempt) -> {
            attempt.saveCursor("half");
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ZERO, Duration.ofMillis(20));
            }
            Stop why = attempt.stop().orElseThrow();
            return Done.partial(Map.of(), why.reason(), List.of(), List.of());
        });
    }

    @Test
    void refusesWhatWaitedWhenTheFileCame() {
        bench = new Bench(folder).start();
        Command waiting = later("waiting", Duration.ofSeconds(2));
        bench.bus.send(waiting);
        Awaitility.await().until(() -> bench.core().figures().waiting() == 1);

        stopFile();

        Result result = bench.bus.result(waiting);
        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(reason(result).code()).isEqualTo(Code.GUARDRAIL);
        assertThat(reason(result).message()).contains("stop-file");
        assertThat(bench.analyze.calls()).isEmpty();
    }

    @Test
    void stopsWhatRuns() {
        bench = new Bench(folder).start();
        worksUntilToldToStop();
        Command running = bench.command("running", Bench.analyze());
        bench.bus.send(running);
        Awaitility.await().until(() -> bench.analyze.calls().size() == 1);

        stopFile();

        Result result = bench.bus.result(running);
        assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(reason(result).code()).isEqualTo(Code.GUARDRAIL);
    }

    @Test
    void stopsBetweenTheTasks() {
        bench = new Bench(folder).start();
        bench.health.does((order, on, attempt) -> {
            stopFile();
            return Scripted.done();
        });
        Command command = bench.command("between", HealthCheck.quick(), Bench.analyze());

        bench.bus.send(command);

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(reason(result).code()).isEqualTo(Code.GUARDRAIL);
        assertThat(bench.analyze.calls()).isEmpty();
    }

    @Test
    void letsReadingTasksGoOn() {
        bench = new Bench(folder).start();
        stopFile();
        Command reading = bench.command("reading", HealthCheck.quick());

        bench.bus.send(reading);

        assertThat(bench.bus.result(reading).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void refusesAfterARestartWhatTighterGuardrailsForbid() {
        bench = new Bench(folder).start();
        worksUntilToldToStop();
        Command begun = bench.command("begun", Bench.analyze());
        Command waiting = later("waiting", Duration.ofSeconds(4));
        bench.bus.send(begun);
        bench.bus.send(waiting);
        Awaitility.await()
                .until(() -> bench.analyze.calls().size() == 1
                        && bench.core().figures().waiting() == 1);
        bench.stop();
        int calls = bench.analyze.calls().size();

        bench.with(bench.guardrails(
                        new Rules(Optional.empty(), List.of("analyze"), Optional.empty(), Optional.empty())))
                .start();

        for (Command command : List.of(begun, waiting)) {
            Result result = bench.bus.result(command);
            assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(reason(result).message()).contains("denied-tasks");
        }
        assertThat(bench.analyze.calls()).hasSize(calls);
    }
}
