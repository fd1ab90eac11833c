package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A table as the catalogue has it.
 *
 * @param name with its schema, and in the catalogue's own spelling
 * @param sql the name as it goes into statements: quoted by the catalogue's rules
 * @param key the columns of the primary key; empty if there is none
 * @param indexes that can be relied on: valid and not partial
 * @param unique sets of columns that name one row, the primary key's among them; without the columns by which the table is
 *     partitioned
 * @param rows as the engine estimates them
 * @param triggers the names of its own triggers on delete
 */
record Table(
        TableName name,
        String sql,
        List<Column> columns,
        List<String> key,
        List<Index> indexes,
        List<Set<String>> unique,
        long rows,
        List<String> triggers) {

    /** A column; {@code type} as the engine writes it. */
    record Column(String name, String type, boolean notNull, boolean generated) {}

    /** An index by its leading plain columns. */
    record Index(String name, List<String> columns) {}

    Optional<Column> column(String column) {
        return columns.stream().filter(each -> each.name().equals(column)).findFirst();
    }

    /** Whether some index finds rows by these columns. */
    boolean isIndexedBy(List<String> wanted) {
        return indexes.stream()
                .anyMatch(index -> index.columns().size() >= wanted.size()
                        && new HashSet<>(index.columns().subList(0, wanted.size())).containsAll(wanted));
    }

    /** Whether values of these columns name one row. */
    boolean isNamedBy(List<String> wanted) {
        return unique.stream().anyMatch(wanted::containsAll);
    }

    /** Whether some index is ordered by this column. */
    boolean isOrderedBy(String column) {
        return indexes.stream()
                .anyMatch(index ->
                        !index.columns().isEmpty() && index.columns().get(0).equals(column));
    }
}
