package dev.upkeep.executor.operation.assess;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrittenTimeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21T02:00:00Z",
                "2026-11-21T02:00:00",
                "2026-11-21 02:00",
                "2026-11-21 03:00:00+01:00",
                "2026-11-21T02:00:00.000Z",
                "2026-11-21T02:00:00.000000+00",
                "1795226400",
                "1795226400000"
            })
    void readsTheUsualForms(String text) {
        assertThat(WrittenTime.of(text)).contains(Instant.parse("2026-11-21T02:00:00Z"));
    }

    @Test
    void readsADay() {
        assertThat(WrittenTime.of("2026-11-21")).contains(Instant.parse("2026-11-21T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "never", "2026-13-01", "21.11.2026"})
    void readsNothingElse(String text) {
        assertThat(WrittenTime.of(text)).isEmpty();
    }
}
