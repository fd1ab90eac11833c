package dev.upkeep.executor.operation.purge;

import java.util.ArrayList;
import java.util.List;

/** A piece of SQL with the values of its question marks. */
record Sql(String text, List<Object> values) {
    static Sql of(String text, Object... values) {
        return new Sql(text, List.of(values));
    }

    /** This, a word between, and the other. */
    Sql then(String word, Sql other) {
        List<Object> all = new ArrayList<>(values);
        all.addAll(other.values);
        return new Sql(text + word + other.text, List.copyOf(all));
    }
}
