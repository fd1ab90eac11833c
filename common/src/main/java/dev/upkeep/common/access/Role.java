package dev.upkeep.common.access;

import dev.upkeep.common.wire.EnumText;
import java.util.Set;

/** What the bearer of a token may do; each role may also do what those before it may. */
public enum Role {
    /** Looks at everything, changes nothing. */
    VIEWER,
    /** Also runs and cancels, pauses and holds. */
    OPERATOR,
    /** Also orders by hand what removes data, and lifts holds. */
    ADMIN;

    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    /** The least role for calls of this HTTP method: what is not plainly reading needs an operator. */
    public static Role forMethod(String method) {
        return READING.contains(method) ? VIEWER : OPERATOR;
    }

    /** Whether who has this role may do what needs that one. */
    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    @Override
    public String toString() {
        return EnumText.of(this);
    }
}
