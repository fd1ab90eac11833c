package dev.upkeep.scheduler.timetable;

import java.time.Instant;
import java.util.Optional;

/** Never fires by itself: for what other events set off. */
public record NeverTimetable() implements Timetable {
    @Override
    public Optional<Instant> next(Instant after) {
        return Optional.empty();
    }
}
