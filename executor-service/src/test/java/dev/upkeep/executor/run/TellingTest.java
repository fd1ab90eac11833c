package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.governor.Watch;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TellingTest {
    private static final Instant START = Instant.parse("2026-11-21T02:00:00Z");
    private static final Instant END = START.plus(Duration.ofDays(3));

    private final List<Progress> told = new ArrayList<>();
    private final SteppingClock clock = new SteppingClock(START);
    private final Telling telling = new Telling(told::add, clock, command(), 0);

    private static Command command() {
        RunId run = RunId.ofRequest("r1");
        DatabaseId id = new DatabaseId("telemetry");
        return new Command(
                CommandId.of(run, id),
                run,
                new Origin(Origin.Kind.REQUEST, "r1", Optional.empty(), Optional.empty()),
                id,
                new ExecutorId("host"),
                START,
                START,
                new Validity(START, END, END),
                false,
                Optional.empty(),
                List.of(Step.of(Vacuum.auto())));
    }

    @Test
    void tellsPercentAndTimeLeft() {
        telling.percent(40, Optional.of(Duration.ofMinutes(3)), "scanning heap");

        assertThat(told).hasSize(1);
        assertThat(told.get(0).percent()).contains(40.0);
        assertThat(told.get(0).timeLeft()).contains(Duration.ofMinutes(3));
        assertThat(told.get(0).message()).contains("scanning heap");
    }

    @Test
    void keepsPercentWithinItsBounds() {
        for (double odd : List.of(-3.0, 250.0, Double.NaN)) {
            clock.pass(Duration.ofSeconds(60));
            telling.percent(odd, Optional.empty(), "odd");
        }

        assertThat(told).extracting(event -> event.percent().orElseThrow()).containsExactly(0.0, 100.0, 0.0);
    }

    @Test
    void staysWithinAFewHundredEventsInTwoDaysOfReportsEverySecond() {
        Duration step = Duration.ofSeconds(1);
        for (long i = 0; i < Duration.ofDays(2).dividedBy(step); i++) {
            clock.pass(step);
            telling.percent(i / 1_728.0, Optional.empty(), "at it");
        }

        assertThat(told).hasSizeBetween(100, 400);
        assertThat(Duration.between(told.get(told.size() - 1).at(), clock.instant()))
                .as("the last event is not older than a thirtieth of the time gone by, and some")
                .isLessThan(Duration.ofHours(2));
    }

    @Test
    void tellsAtMostOnceASecond() {
        for (int i = 0; i < 100; i++) {
            telling.percent(i, Optional.empty(), "at it");
        }

        assertThat(told).hasSize(1);
    }

    /** A load that is there for so many looks. */
    private static final class Load implements Watch {
        private final Deque<String> looks =
                new ArrayDeque<>(List.of("5 sessions wait for locks", "4 sessions wait for locks"));

        @Override
        public Optional<String> pressure() {
            return Optional.ofNullable(looks.poll());
        }

        @Override
        public void close() {
            looks.clear();
        }
    }

    private static final class Free implements StepRun.Hold {
        @Override
        public Optional<dev.upkeep.common.result.Reason> take() throws IOException {
            return Optional.empty();
        }

        @Override
        public void check() {
            // nobody takes it away
        }
    }

    @Test
    void tellsWhyItPausesAndWhenItGoesOn() {
        try (Load load = new Load()) {
            RunningAttempt attempt = new RunningAttempt(
                    new StopSignal(Clock.systemUTC(), Instant.MAX),
                    load,
                    telling,
                    new Free(),
                    Optional.empty(),
                    text -> {});

            attempt.yieldToApplication(Duration.ofMillis(1), Duration.ofMillis(1));
            attempt.yieldToApplication(Duration.ofMillis(1), Duration.ofMillis(1));
        }

        assertThat(told)
                .extracting(Progress::kind)
                .containsOnly(Progress.Kind.THROTTLED)
                .hasSize(2);
        assertThat(told.get(0).message()).contains("5 sessions wait for locks");
        assertThat(told.get(1).message().orElseThrow())
                .startsWith("goes on after a pause")
                .contains("wait for locks");
    }
}
