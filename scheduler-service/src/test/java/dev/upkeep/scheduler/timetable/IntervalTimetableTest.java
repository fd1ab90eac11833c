package dev.upkeep.scheduler.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalTimetableTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PT1H  | 2026-11-21T02:00:00Z | 2026-11-21T03:00:00Z 2026-11-21T04:00:00Z
            PT1H  | 2026-11-21T02:59:59Z | 2026-11-21T03:00:00Z
            PT90M | 1970-01-01T00:00:00Z | 1970-01-01T01:30:00Z 1970-01-01T03:00:00Z
            P1D   | 2028-02-28T12:00:00Z | 2028-02-29T00:00:00Z 2028-03-01T00:00:00Z
            P1D   | 2025-03-30T00:00:00Z | 2025-03-31T00:00:00Z
            P7D   | 1970-01-01T00:00:00Z | 1970-01-08T00:00:00Z 1970-01-15T00:00:00Z
            """)
    void firesAtMultiplesSince1970WhateverTheStart(Duration every, Instant after, String expected) {
        String[] firings = expected.split(" ", -1);

        assertThat(new IntervalTimetable(every).upcoming(after, firings.length))
                .isEqualTo(Arrays.stream(firings).map(Instant::parse).toList());
    }

    @Test
    void countsWhatElapsed() {
        IntervalTimetable timetable = new IntervalTimetable(Duration.ofMinutes(10));

        assertThat(timetable.elapsed(Instant.parse("2026-11-21T02:00:00Z"), Instant.parse("2026-11-21T02:35:00Z")))
                .contains(new Timetable.Elapsed(Instant.parse("2026-11-21T02:30:00Z"), 3));
        assertThat(timetable.elapsed(Instant.parse("2026-11-21T02:00:00Z"), Instant.parse("2026-11-21T02:09:59Z")))
                .isEmpty();
        assertThat(timetable.elapsed(Instant.parse("2026-11-21T02:35:00Z"), Instant.parse("2026-11-21T02:00:00Z")))
                .as("a clock that is set back")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT59S", "PT1M0.5S", "P367D", "PT0S", "PT-1H"})
    void refusesWhatIsTooShortOrTooLong(String every) {
        assertThatThrownBy(() -> new IntervalTimetable(Duration.parse(every)))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("from 1 minute to 366 days");
    }
}
