package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HealthMemoryTest {
    private static final DatabaseId DATABASE = new DatabaseId("telemetry");
    private static final Instant START = Instant.parse("2026-11-21T02:00:00Z");
    private final HealthMemory memory = new HealthMemory();

    @Test
    void knowsSequencesForAnHourAndForOneLimit() {
        HealthMemory.Sequences read = new HealthMemory.Sequences(START, 0.75, 17_000, Set.of(16_400L));
        memory.remember(DATABASE, read);

        assertThat(memory.sequences(DATABASE, 0.75, START.plusSeconds(3_599))).contains(read);
        assertThat(memory.sequences(DATABASE, 0.75, START.plusSeconds(3_600))).isEmpty();
        assertThat(memory.sequences(DATABASE, 0.75, START.minusSeconds(1))).isEmpty();
        assertThat(memory.sequences(DATABASE, 0.5, START)).isEmpty();
    }

    @Test
    void knowsHowLongSomethingHasBeenSoUntilItIsMended() {
        memory.since(DATABASE, "invalid index", Set.of("a"), START);

        Map<String, Duration> later =
                memory.since(DATABASE, "invalid index", Set.of("a", "b"), START.plusSeconds(3_600));
        memory.since(DATABASE, "invalid index", Set.of("b"), START.plusSeconds(7_200));
        Map<String, Duration> again =
                memory.since(DATABASE, "invalid index", Set.of("a", "b"), START.plusSeconds(9_000));

        assertThat(later).containsEntry("a", Duration.ofHours(1)).containsEntry("b", Duration.ZERO);
        assertThat(again).containsEntry("a", Duration.ZERO).containsEntry("b", Duration.ofMinutes(90));
    }

    @Test
    void keepsDatabasesAndKindsApart() {
        memory.since(DATABASE, "inactive slot", Set.of("a"), START);

        Map<String, Duration> otherKind = memory.since(DATABASE, "invalid index", Set.of("a"), START.plusSeconds(60));
        Map<String, Duration> otherDatabase =
                memory.since(new DatabaseId("audit"), "inactive slot", Set.of("a"), START.plusSeconds(60));

        assertThat(otherKind).containsEntry("a", Duration.ZERO);
        assertThat(otherDatabase).containsEntry("a", Duration.ZERO);
    }

    @Test
    void saysNothingOfACounterThatWasReset() {
        HealthMemory.Sample before = new HealthMemory.Sample(START, Map.of("deadlocks", 7.0));
        HealthMemory.Sample after = new HealthMemory.Sample(START.plusSeconds(60), Map.of("deadlocks", 2.0));

        assertThat(after.since(before, "deadlocks")).isEmpty();
        assertThat(after.since(before, "rollbacks")).isEmpty();
    }

    @Test
    void comparesGrowthWithItsUsualRateOnceItKnowsOne() {
        double bytes = 1_000_000;
        Optional<Growth.Pace> pace = Optional.empty();
        for (int hour = 0; hour <= 8; hour++) {
            bytes += hour == 8 ? 36_000_000 : 3_600_000;
            pace = check(hour, bytes);
            assertThat(hour < 6 && pace.isPresent()).isFalse();
        }

        assertThat(pace.orElseThrow().multiple()).isBetween(9.9, 10.1);
        assertThat(pace.orElseThrow().bytes()).isEqualTo(36_000_000);
    }

    private Optional<Growth.Pace> check(int hour, double bytes) {
        HealthMemory.Sample now =
                new HealthMemory.Sample(START.plus(Duration.ofHours(hour)), Map.of(Growth.BYTES, bytes));
        Optional<HealthMemory.Sample> before = memory.last(DATABASE);
        memory.remember(DATABASE, new HealthMemory.Sample(now.at(), Growth.figures(before, now)));
        return before.flatMap(earlier -> Growth.pace(earlier, now));
    }
}
