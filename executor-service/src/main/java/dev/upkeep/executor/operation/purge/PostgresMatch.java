package dev.upkeep.executor.operation.purge;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A condition that some columns have one of the values in these arrays.
 *
 * @param arrays its parameters, one for each column
 */
record PostgresMatch(String sql, List<String> arrays) {
    /** The columns at these places of the rows; empty if no row can be referred to. */
    static Optional<PostgresMatch> of(
            List<String> columns, List<String> types, int[] places, Collection<@Nullable String[]> rows) {
        Set<List<String>> tuples = new LinkedHashSet<>();
        for (@Nullable String[] row : rows) {
            List<String> tuple = new ArrayList<>(places.length);
            for (int place : places) {
                String value = row[place];
                if (value != null) {
                    tuple.add(value);
                }
            }
            if (tuple.size() == places.length) { // a key with a null in it is referred to by nobody
                tuples.add(tuple);
            }
        }
        if (tuples.isEmpty()) {
            return Optional.empty();
        }
        List<String> arrays = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            int at = i;
            arrays.add(
                    PostgresArray.of(tuples.stream().map(tuple -> tuple.get(at)).toList()));
        }
        if (columns.size() == 1) {
            return Optional.of(new PostgresMatch(
                    PostgresArray.identifier(columns.get(0)) + " = ANY(CAST(? AS " + types.get(0) + "[]))", arrays));
        }
        String left = columns.stream().map(PostgresArray::identifier).collect(Collectors.joining(", ", "(", ")"));
        String right = types.stream()
                .map(type -> "CAST(? AS " + type + "[])")
                .collect(Collectors.joining(", ", "(SELECT * FROM unnest(", "))"));
        return Optional.of(new PostgresMatch(left + " IN " + right, arrays));
    }
}
