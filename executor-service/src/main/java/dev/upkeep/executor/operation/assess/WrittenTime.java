package dev.upkeep.executor.operation.assess;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;

/** A time that a column keeps as text in ISO 8601, UTC unless it says otherwise, or as a number of seconds or milliseconds since 1970. */
final class WrittenTime {
    /** As milliseconds this is in 1973, as seconds in the year 5138. */
    private static final long LEAST_MILLIS = 100_000_000_000L;

    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd[['T'][' ']HH:mm[:ss][[.SSSSSSSSS][.SSSSSS][.SSS]]][XXX][XX][X]");

    private WrittenTime() {}

    /** The time; empty if it is none. */
    static Optional<Instant> of(String text) {
        try {
            return text.matches("-?\\d{1,18}")
                    ? Optional.of(ofNumber(Long.parseLong(text)))
                    : Optional.of(ofText(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Instant ofNumber(long number) {
        return Math.abs(number) >= LEAST_MILLIS ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number);
    }

    private static Instant ofText(String text) {
        TemporalAccessor parsed = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        if (parsed instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return parsed instanceof LocalDateTime time
                ? time.toInstant(ZoneOffset.UTC)
                : LocalDate.from(parsed).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
