package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.task.MaintainPartitions.Interval;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** One stretch of time between two boundaries of an interval, in UTC; the end is not part of it. */
record Period(Instant start, Instant end) {
    /** The period that holds this instant. */
    static Period holding(Instant time, Interval interval) {
        OffsetDateTime at = time.atOffset(ZoneOffset.UTC);
        OffsetDateTime day = at.truncatedTo(ChronoUnit.DAYS);
        OffsetDateTime start = switch (interval) {
            case HOUR -> at.truncatedTo(ChronoUnit.HOURS);
            case DAY -> day;
            case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> day.withDayOfMonth(1);
            case YEAR -> day.withDayOfYear(1);
        };
        return new Period(start.toInstant(), after(start, interval).toInstant());
    }

    /** The one that follows. */
    Period next(Interval interval) {
        return holding(end, interval);
    }

    private static OffsetDateTime after(OffsetDateTime start, Interval interval) {
        return switch (interval) {
            case HOUR -> start.plusHours(1);
            case DAY -> start.plusDays(1);
            case WEEK -> start.plusWeeks(1);
            case MONTH -> start.plusMonths(1);
            case YEAR -> start.plusYears(1);
        };
    }

    /** Whether they share any instant. */
    boolean overlaps(Period other) {
        return start.isBefore(other.end) && other.start.isBefore(end);
    }

    /** What the name of its partition ends in. */
    String suffix(Interval interval) {
        String pattern = switch (interval) {
            case HOUR -> "'_p'yyyyMMdd'_'HH";
            case DAY, WEEK -> "'_p'yyyyMMdd";
            case MONTH -> "'_p'yyyyMM";
            case YEAR -> "'_p'yyyy";
        };
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(start.atOffset(ZoneOffset.UTC));
    }
}
