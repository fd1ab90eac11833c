package dev.upkeep.executor.operation.sqlite;

import dev.upkeep.common.task.Purge;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a time as applications keep it in SQLite: ISO 8601 text (UTC unless it says otherwise), whole numbers of seconds or
 * milliseconds since 1970, and Julian days as a real number. Numbers from 10^11 on are milliseconds: as seconds they would be
 * in the year 5138, as milliseconds they begin in 1973.
 */
public final class SqliteTime {
    private static final double LEAST_MILLIS = 1e11;
    private static final double MOST_JULIAN = 10_000_000;
    private static final double JULIAN_OF_1970 = 2_440_587.5;
    private static final double MOST = 1e15;

    private SqliteTime() {}

    /** The time that a column's value says; empty if it says none. */
    public static Optional<Instant> of(@Nullable Object value) {
        if (value instanceof String text) {
            return ofText(text.strip());
        }
        if (value instanceof Double real && Math.abs(real) < MOST_JULIAN) {
            return Optional.of(Instant.ofEpochMilli(Math.round((real - JULIAN_OF_1970) * 86_400_000)));
        }
        if (value instanceof Number number && Math.abs(number.doubleValue()) < MOST) {
            double seconds =
                    Math.abs(number.doubleValue()) >= LEAST_MILLIS ? number.doubleValue() / 1000 : number.doubleValue();
            return Optional.of(Instant.ofEpochMilli(Math.round(seconds * 1000)));
        }
        return Optional.empty();
    }

    private static Optional<Instant> ofText(String text) {
        try {
            if (text.length() == 10) {
                return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            String iso = text.replaceFirst(" ", "T");
            boolean hasZone = iso.matches(".*(Z|[+-]\\d\\d(:?\\d\\d)?)$") && iso.indexOf('T') > 0;
            if (!hasZone) {
                return Optional.of(LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC));
            }
            String zoned = iso.replaceFirst("([+-]\\d\\d)$", "$1:00").replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2");
            return Optional.of(OffsetDateTime.parse(zoned).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * SQL for the seconds since 1970 that a column says; null where it says no time. Without a format each value is read by its
     * own type, as {@link #of} does.
     *
     * @param column as SQL
     */
    public static String secondsSql(String column, Optional<Purge.TimeFormat> format) {
        String text = "(julianday(" + column + ") - 2440587.5) * 86400.0";
        String millis = column + " / 1000.0";
        if (format.isPresent()) {
            return switch (format.get()) {
                case EPOCH_SECONDS -> "CASE WHEN typeof(" + column + ") IN ('integer', 'real') THEN " + column + " END";
                case EPOCH_MILLIS -> "CASE WHEN typeof(" + column + ") IN ('integer', 'real') THEN " + millis + " END";
                case ISO_TEXT -> "CASE typeof(" + column + ") WHEN 'text' THEN " + text + " END";
            };
        }
        return "CASE typeof(" + column + ") WHEN 'text' THEN " + text + " WHEN 'integer' THEN CASE WHEN abs(" + column
                + ") >= 100000000000 THEN " + millis + " ELSE " + column + " END WHEN 'real' THEN CASE WHEN abs("
                + column + ") < 10000000 THEN " + text + " WHEN abs(" + column + ") >= 100000000000 THEN " + millis
                + " ELSE " + column + " END END";
    }
}
