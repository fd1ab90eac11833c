package dev.upkeep.executor.operation.sqlite;

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
}
