package dev.upkeep.common.wire;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of durations: ISO 8601 ({@code P90D}, {@code PT15M}) or a number with one unit ({@code 90d}, {@code 500ms}). */
public final class Durations {
    private static final String RULE =
            "must be an ISO 8601 duration such as P90D or PT15M, or a number with ms, s, m, h, d or w; months and years have no fixed length";
    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(ms|s|m|h|d|w)");

    private Durations() {}

    /** Reads either form. */
    public static Duration parse(String text) {
        Matcher matcher = SHORT.matcher(Check.present("duration", text).strip());
        try {
            if (!matcher.matches()) {
                return Duration.parse(text.strip());
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> Duration.ofDays(Math.multiplyExact(amount, 7));
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw new InvalidValue("duration", text, RULE);
        }
    }

    /** The ISO form, with whole days as days. */
    public static String text(Duration duration) {
        boolean wholeDays = !duration.isZero() && duration.equals(Duration.ofDays(duration.toDays()));
        return wholeDays ? "P" + duration.toDays() + "D" : duration.toString();
    }
}
