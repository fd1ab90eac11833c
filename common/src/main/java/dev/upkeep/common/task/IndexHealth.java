package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL: looks for indexes that are unused, duplicate, invalid or bloated, and for foreign keys without an index. Proposes
 * ready statements, and runs none of them.
 *
 * @param tables only these; all if empty
 * @param unusedFor an index counts as unused when no query used it for so long; 30 days if absent. Servers before 16 do not know
 *     when: there it must never have been used since the statistics began, so long ago
 * @param leastBytes unused and bloated indexes only from this size; 1 MiB if absent
 */
public record IndexHealth(List<TableName> tables, Optional<Duration> unusedFor, Optional<Long> leastBytes)
        implements Task {
    public IndexHealth {
        tables = Check.list("tables", tables);
        unusedFor.ifPresent(time -> Check.positive("unusedFor", time));
        leastBytes.ifPresent(bytes -> Check.between("leastBytes", bytes, 0, Long.MAX_VALUE));
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Figures over all indexes, and what should be done. */
    public record Report(int indexes, long bytes, List<Proposal> proposals) {}

    /** What is wrong with an index or a foreign key. */
    public enum Kind {
        UNUSED,
        DUPLICATE,
        INVALID,
        BLOATED,
        FOREIGN_KEY_WITHOUT_INDEX
    }

    /** One proposal; {@code bytes} are what it would free, 0 for a new index. */
    public record Proposal(Kind kind, TableName table, String object, long bytes, String statement) {}
}
