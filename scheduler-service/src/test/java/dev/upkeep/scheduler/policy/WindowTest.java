package dev.upkeep.scheduler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Instant at(String text) {
        return Instant.parse(text);
    }

    @Test
    void isOpenFromItsStartUntilBeforeItsEnd() {
        Window window = new Window("02:00", Duration.ofHours(3), List.of());

        assertThat(window.openUntil(at("2026-01-10T00:59:59Z"), BERLIN)).isEmpty();
        assertThat(window.openUntil(at("2026-01-10T01:00:00Z"), BERLIN)).contains(at("2026-01-10T04:00:00Z"));
        assertThat(window.openUntil(at("2026-01-10T03:59:59Z"), BERLIN)).contains(at("2026-01-10T04:00:00Z"));
        assertThat(window.openUntil(at("2026-01-10T04:00:00Z"), BERLIN)).isEmpty();
    }

    @Test
    void reachesPastMidnightAndBelongsToTheDayOnWhichItOpened() {
        Window window = new Window("22:00", Duration.ofHours(6), List.of(Window.DayName.FRIDAY));

        assertThat(window.openUntil(at("2026-11-21T02:59:00Z"), BERLIN)).contains(at("2026-11-21T03:00:00Z"));
        assertThat(window.openUntil(at("2026-11-22T02:59:00Z"), BERLIN)).isEmpty();
    }

    @Test
    void lastsAsLongOnTheNightsWhenTheClockChanges() {
        Window window = new Window("02:30", Duration.ofHours(2), List.of());

        assertThat(window.openUntil(at("2025-03-30T01:00:00Z"), BERLIN)).isEmpty();
        assertThat(window.openUntil(at("2025-03-30T01:30:00Z"), BERLIN)).contains(at("2025-03-30T03:30:00Z"));
        assertThat(window.openUntil(at("2025-10-26T00:30:00Z"), BERLIN)).contains(at("2025-10-26T02:30:00Z"));
    }
}
