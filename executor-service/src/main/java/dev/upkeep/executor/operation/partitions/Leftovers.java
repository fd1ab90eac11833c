package dev.upkeep.executor.operation.partitions;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables that an order detached and died before it dropped them. A partition is marked by a comment before it is detached; the comment
 * names both tables by their numbers, so that a table which came along with a dump is none, and the partition's end, so that it
 * stays if it is no longer past. Who wants to keep such a table changes or removes its comment.
 */
final class Leftovers {
    private static final Pattern COMMENT =
            Pattern.compile("Upkeep detaches this partition (\\d+) of (\\d+), which ends at (\\S+), and drops it");
    private static final String FIND = """
            SELECT c.oid::int8, n.nspname, c.relname, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
              JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
              AND d.description LIKE 'Upkeep detaches this partition %' ORDER BY 2, 3
            """;

    private Leftovers() {}

    private record Marked(long oid, RelationName name, String comment) {
        boolean isPast(long table, Instant cutoff) {
            Matcher said = COMMENT.matcher(comment);
            return said.matches()
                    && said.group(1).equals(Long.toString(oid))
                    && said.group(2).equals(Long.toString(table))
                    && !Instant.parse(said.group(3)).isAfter(cutoff);
        }
    }

    static void mark(PartitionedTable table, PartitionedTable.Partition partition, PostgresSession session)
            throws SQLException {
        comment(
                partition,
                "'Upkeep detaches this partition " + partition.oid() + " of " + table.oid() + ", which ends at "
                        + partition.period().orElseThrow().end() + ", and drops it'",
                session);
    }

    /** The partition stays where it is after all. */
    static void unmark(PartitionedTable.Partition partition, PostgresSession session) throws SQLException {
        comment(partition, "NULL", session);
    }

    private static void comment(PartitionedTable.Partition partition, String text, PostgresSession session)
            throws SQLException {
        session.run("COMMENT ON TABLE " + partition.name().sql() + " IS " + text);
    }

    /** Those of a table that ended by then. */
    static List<RelationName> of(PartitionedTable table, Instant cutoff, PostgresSession session) throws SQLException {
        return session
                .rows(
                        FIND,
                        row -> new Marked(
                                row.getLong(1), new RelationName(row.getString(2), row.getString(3)), row.getString(4)))
                .stream()
                .filter(marked -> marked.isPast(table.oid(), cutoff))
                .map(Marked::name)
                .toList();
    }
}
