package dev.upkeep.reporter.api;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param next to be given as {@code after} for the next page; absent on the last
 */
public record Page<T>(List<T> items, Optional<String> next) {
    /** The number of items if none is asked for. */
    public static final String DEFAULT = "100";

    private static final int MOST = 500;

    /** Refuses a size outside 1 to 500. */
    public static int size(int limit) {
        return (int) Check.between("limit", limit, 1, MOST);
    }

    /** Makes a page of up to one item more than it may hold. */
    public static <T> Page<T> of(List<T> found, int limit, Function<T, Cursor> cursor) {
        return found.size() <= limit
                ? new Page<>(found, Optional.empty())
                : new Page<>(
                        found.subList(0, limit),
                        Optional.of(cursor.apply(found.get(limit - 1)).text()));
    }

    /** Reads a time in a query, such as {@code since}. */
    public static Optional<Instant> time(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw new InvalidValue(field, text, "must be RFC 3339 with an offset, such as 2026-11-21T02:00:00Z");
        }
    }
}
