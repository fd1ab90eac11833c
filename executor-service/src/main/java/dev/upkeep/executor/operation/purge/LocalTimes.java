package dev.upkeep.executor.operation.purge;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a cutoff into the bounds of columns that say a local time, a day or a text. */
final class LocalTimes {
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,20}(\\.\\d*)?([eE][+-]?\\d{1,3})?");

    private LocalTimes() {}

    /**
     * The local time before which rows are older than the cutoff. A local time that a clock shows twice, when it is put back,
     * counts as the later of the two: rows that may be younger stay.
     */
    static LocalDateTime bound(Instant cutoff, ZoneId zone) {
        LocalDateTime local = LocalDateTime.ofInstant(cutoff, zone);
        ZoneOffsetTransition transition = zone.getRules().getTransition(local);
        boolean isFirstPass = transition != null && transition.isOverlap() && cutoff.isBefore(transition.getInstant());
        return isFirstPass ? transition.getDateTimeAfter() : local;
    }

    /** The day before which rows are older: the cutoff's own day is not over, so its rows stay. */
    static LocalDate day(Instant cutoff, ZoneId zone) {
        return LocalDate.ofInstant(cutoff, zone);
    }

    /** {@code 2026-11-21 02:00:00}, with a fraction only if there is one, and without zeros at its end. */
    static String iso(Instant cutoff) {
        String text = cutoff.toString().replace('T', ' ').replace("Z", "");
        return text.contains(".") ? text.replaceAll("0+$", "") : text;
    }

    /** Reads seconds since 1970, or a text in one of the forms of {@code iso-text}; what is neither says no time. */
    static Optional<Instant> instant(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            if (NUMBER.matcher(text).matches()) {
                BigDecimal seconds = new BigDecimal(text);
                return Optional.of(Instant.ofEpochSecond(
                        seconds.setScale(0, RoundingMode.FLOOR).longValueExact(),
                        seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue()));
            }
            String plain = text.replace(' ', 'T').replaceAll("(Z|\\+00:00)$", "");
            return Optional.of(LocalDateTime.parse(plain.length() == 10 ? plain + "T00:00:00" : plain)
                    .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** {@code 2026-11-21}. */
    static String isoDay(Instant cutoff) {
        return day(cutoff, ZoneOffset.UTC).toString();
    }
}
