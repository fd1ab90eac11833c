package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StrideTest {
    private final Stride stride = new Stride(100, 1_000);

    @Test
    void becomesShorterWhileTransactionsTakeLongAndLongerWhileTheyAreQuick() {
        for (int i = 0; i < 10; i++) {
            stride.took(stride.size(), Duration.ofMillis(300));
        }
        assertThat(stride.size()).isEqualTo(100);

        for (int i = 0; i < 20; i++) {
            stride.took(stride.size(), Duration.ofMillis(5));
        }
        assertThat(stride.size()).isEqualTo(1_000);
    }

    @Test
    void learnsNothingFromTransactionsThatHadLittleToDo() {
        int before = stride.size();

        stride.took(before / 2 - 1, Duration.ofMillis(1));
        stride.took(0, Duration.ofSeconds(1));

        assertThat(stride.size()).isEqualTo(before);
    }
}
