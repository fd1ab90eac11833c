package dev.upkeep.executor.operation.purge;

import java.time.Instant;
import java.util.Optional;

/**
 * A rule's predicate on one table, the same object for the dry run and for the purge.
 *
 * @param column the quoted column that says how old a row is
 * @param stale true for rows older than the cutoff; false or null for those that are exactly as old, have no time, an
 *     infinite one, or one that cannot be read
 * @param condition the rule's further conditions; {@code 1=1} if there are none
 * @param epoch how to make a number of seconds since 1970 of the column or its least or greatest value, {@code %s}
 * @param order the type to walk the column's index by; empty if the column's order is not that of time, or it has no index
 */
record Age(String column, Sql stale, Sql condition, String epoch, Optional<Order> order, Instant cutoff) {

    /**
     * How to walk in the order of an index.
     *
     * @param bound what limits the walk upwards: true for all stale rows; its first value is the cutoff as the column has it
     */
    record Order(String type, Sql bound) {}

    boolean hasCondition() {
        return !condition.text().equals("1=1");
    }

    Sql all() {
        return stale.then(" AND ", condition);
    }

    /** {@link #stale} with what limits a walk of the index, where there is one. */
    Sql bounded() {
        return order.map(found -> found.bound().then(" AND ", stale)).orElse(stale);
    }
}
