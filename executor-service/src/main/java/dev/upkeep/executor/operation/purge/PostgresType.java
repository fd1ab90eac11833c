package dev.upkeep.executor.operation.purge;

import java.util.List;
import java.util.Set;

/**
 * The type of a column, domains resolved. Our sessions have only the server's own operators, so types of extensions would be compared
 * by others than the server's foreign keys are.
 *
 * @param isBase whether it is none that is made of others, such as an enum or a range
 * @param plain as it goes into statements, without a length
 */
record PostgresType(String schema, String name, boolean isBase, String plain, Collation collation) {
    /** Types that compare with each other as foreign keys between them do. */
    private static final List<Set<String>> FAMILIES = List.of(
            Set.of("int2", "int4", "int8", "numeric", "float4", "float8"),
            Set.of("text", "varchar"),
            Set.of("date", "timestamp", "timestamptz"));

    /** By its number in the catalogue. */
    record Collation(long oid, boolean isDeterministic) {
        boolean agreesWith(Collation other) {
            return oid == other.oid || (isDeterministic && other.isDeterministic);
        }
    }

    /** Whether its operators are not the server's own. */
    boolean isForeign() {
        return isBase && !schema.equals("pg_catalog");
    }

    boolean isComparableWith(PostgresType other) {
        boolean isAlike = plain.equals(other.plain)
                || FAMILIES.stream().anyMatch(family -> family.contains(name) && family.contains(other.name));
        return !isForeign() && !other.isForeign() && isAlike && collation.agreesWith(other.collation);
    }

    String text() {
        return collation.isDeterministic() ? plain : plain + " with a collation that is not deterministic";
    }
}
