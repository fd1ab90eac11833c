package dev.upkeep.reporter.api;

import dev.upkeep.common.access.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gathers the conditions of a query and their arguments, in order. Not thread-safe. */
public final class Filter {
    private final StringBuilder where = new StringBuilder("1 = 1");
    private final List<Object> arguments = new ArrayList<>();

    /** Adds a condition with one {@code ?}, if there is a value for it. */
    public Filter and(String condition, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            where.append(" AND ").append(condition);
            arguments.add(value);
        }
        return this;
    }

    /** Adds that a column has this value, if there is one; refuses one that is not the text form of a constant. */
    public <E extends Enum<E>> Filter oneOf(String column, @Nullable String value, Class<E> type) {
        Query.oneOf(column, value, type);
        return and(column + " = ?", value);
    }

    /** Adds a condition with one {@code ?}, if there is a time for it. */
    public Filter and(String condition, Optional<Instant> value) {
        value.ifPresent(time -> {
            where.append(" AND ").append(condition);
            arguments.add(time);
        });
        return this;
    }

    /** Adds a condition without arguments, if it is wanted. */
    public Filter when(boolean wanted, String condition) {
        if (wanted) {
            where.append(" AND ").append(condition);
        }
        return this;
    }

    /** Goes on after the last item of the page before, newest first. */
    public Filter after(String time, String key, Optional<Cursor> cursor) {
        cursor.ifPresent(last -> {
            where.append(" AND (").append(time).append(", ").append(key).append(") < (?, ?)");
            arguments.add(last.at());
            arguments.add(last.key());
        });
        return this;
    }

    /** The conditions, joined. */
    public String where() {
        return where.toString();
    }

    /** The arguments, in the order of their conditions. */
    public Object[] arguments() {
        return arguments.toArray();
    }
}
