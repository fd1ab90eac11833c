package dev.upkeep.scheduler.timetable;

import dev.upkeep.common.InvalidValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Fires at every whole multiple of an interval since 1970-01-01T00:00Z, so that replicas and restarts agree without talking.
 * Time zones do not matter to it.
 */
public record IntervalTimetable(Duration every) implements Timetable {
    /** The shortest interval. */
    public static final Duration SHORTEST = Duration.ofMinutes(1);

    public IntervalTimetable {
        if (every.compareTo(SHORTEST) < 0
                || every.compareTo(Duration.ofDays(366)) > 0
                || every.toMillis() % 1_000 != 0) {
            throw new InvalidValue("every", every.toString(), "must be whole seconds, from 1 minute to 366 days");
        }
    }

    @Override
    public Optional<Instant> next(Instant after) {
        long seconds = every.toSeconds();
        return Optional.of(Instant.ofEpochSecond((Math.floorDiv(after.getEpochSecond(), seconds) + 1) * seconds));
    }

    @Override
    public Optional<Elapsed> elapsed(Instant after, Instant until) {
        long seconds = every.toSeconds();
        long last = Math.floorDiv(until.getEpochSecond(), seconds);
        long count = last - Math.floorDiv(after.getEpochSecond(), seconds);
        return count <= 0
                ? Optional.empty()
                : Optional.of(
                        new Elapsed(Instant.ofEpochSecond(last * seconds), (int) Math.min(count, Integer.MAX_VALUE)));
    }
}
