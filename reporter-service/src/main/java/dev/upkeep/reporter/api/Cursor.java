package dev.upkeep.reporter.api;

import dev.upkeep.common.InvalidValue;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a page ended: the time and key of its last item. */
public record Cursor(Instant at, Object key) {
    private static final String RULE = "must be the next of an earlier page";

    /** The text form, which {@link #text} and {@link #number} read back. */
    public String text() {
        return at.toEpochMilli() + "~" + key;
    }

    /** Reads a cursor whose key is a text. */
    public static Optional<Cursor> text(@Nullable String cursor) {
        return cursor == null || cursor.isEmpty()
                ? Optional.empty()
                : Optional.of(new Cursor(time(cursor), key(cursor)));
    }

    /** Reads a cursor whose key is a number. */
    public static Optional<Cursor> number(@Nullable String cursor) {
        return text(cursor).map(read -> new Cursor(read.at(), parse(key(cursor == null ? "" : cursor), cursor)));
    }

    private static Instant time(String cursor) {
        int parting = cursor.indexOf('~');
        return Instant.ofEpochMilli(parse(cursor.substring(0, Math.max(parting, 0)), cursor));
    }

    private static String key(String cursor) {
        return cursor.substring(cursor.indexOf('~') + 1);
    }

    private static Long parse(String number, @Nullable String cursor) {
        try {
            return Long.valueOf(number);
        } catch (NumberFormatException e) {
            throw new InvalidValue("after", cursor, RULE);
        }
    }
}
