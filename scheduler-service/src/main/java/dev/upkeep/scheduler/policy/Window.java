package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The hours in which a policy may touch databases. Work stops at its end, whatever is left.
 *
 * @param start local time in the schedule's zone, {@code HH:mm}; a time that a change of the clock leaves out counts from the
 *     first moment after the gap
 * @param duration how long it stays open, in time that passes; at most 24 h
 * @param days the weekdays on which it opens; every day if empty
 */
public record Window(String start, Duration duration, List<DayName> days) {
    private static final Pattern TIME = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");

    /** The days of the week, as people write them. */
    public enum DayName {
        MONDAY,
        TUESDAY,
        WEDNESDAY,
        THURSDAY,
        FRIDAY,
        SATURDAY,
        SUNDAY
    }

    public Window {
        Check.text("start", start, TIME, "must be a local time such as \"02:30\", in quotes");
        Check.positive("duration", duration);
        if (duration.compareTo(Duration.ofHours(24)) > 0) {
            throw new InvalidValue("duration", duration.toString(), "must be at most 24 h");
        }
        days = Check.list("days", days);
    }

    /** The end of the window that is open at this instant; empty if none is. */
    public Optional<Instant> openUntil(Instant at, ZoneId zone) {
        LocalDate today = LocalDate.ofInstant(at, zone);
        for (int back = 0; back <= 2; back++) {
            LocalDate day = today.minusDays(back);
            Instant opens = ZonedDateTime.of(day, LocalTime.parse(start), zone).toInstant();
            Instant ends = opens.plus(duration);
            if (opensOn(day.getDayOfWeek()) && !at.isBefore(opens) && at.isBefore(ends)) {
                return Optional.of(ends);
            }
        }
        return Optional.empty();
    }

    private boolean opensOn(DayOfWeek day) {
        return days.isEmpty() || days.contains(DayName.valueOf(day.name()));
    }
}
