package dev.upkeep.executor.operation.reindex;

import dev.upkeep.executor.operation.postgres.RelationName;

/**
 * An index that may be rebuilt.
 *
 * @param leftover whether its name is one that {@code REINDEX CONCURRENTLY} gives to what it builds or replaces
 */
record ReindexTarget(
        RelationName name, long oid, RelationName table, long tableOid, long bytes, boolean valid, boolean leftover) {}
