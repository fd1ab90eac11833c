package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.Optional;

/**
 * Gives back or makes reusable the space of deleted rows, and keeps transaction ids from running out.
 *
 * @param tables only these; if empty, PostgreSQL takes those that {@code mode} and the limits choose. SQLite has no tables here
 * @param mode what kind; auto if absent
 * @param analyze PostgreSQL: analyze as well
 * @param leastDeadShare PostgreSQL auto: only tables with at least this share of dead rows; 0.1 if absent
 * @param leastDeadRows PostgreSQL auto: and at least so many; 1 000 if absent
 * @param leastFreeShare SQLite auto: only if the freelist has at least this share of the pages; 0.1 if absent
 * @param pages SQLite incremental: at most so many pages; 10 000 if absent
 */
public record Vacuum(
        List<TableName> tables,
        Optional<Mode> mode,
        boolean analyze,
        Optional<Double> leastDeadShare,
        Optional<Long> leastDeadRows,
        Optional<Double> leastFreeShare,
        Optional<Integer> pages)
        implements Task {
    /** The kinds of vacuum. */
    public enum Mode {
        /** Where it is worth it. PostgreSQL: plain; SQLite: whole file. */
        AUTO,
        /** Every named table, or all, worth it or not. */
        PLAIN,
        /** PostgreSQL: also freezes. */
        FREEZE,
        /** PostgreSQL: rewrites the named tables under an exclusive lock; tables must be named. */
        FULL,
        /** SQLite: gives back pages by a budget; wants {@code auto_vacuum = incremental}. */
        INCREMENTAL
    }

    public Vacuum {
        tables = Check.list("tables", tables);
        leastDeadShare.ifPresent(share -> Check.share("leastDeadShare", share));
        leastDeadRows.ifPresent(rows -> Check.between("leastDeadRows", rows, 0, Long.MAX_VALUE));
        leastFreeShare.ifPresent(share -> Check.share("leastFreeShare", share));
        pages.ifPresent(count -> Check.between("pages", count, 1, 100_000_000));
        if (mode.isPresent() && mode.get() == Mode.FULL && tables.isEmpty()) {
            throw new InvalidValue("tables", "[]", "must name the tables that mode full rewrites");
        }
    }

    /** Where it is worth it. */
    public static Vacuum auto() {
        return new Vacuum(
                List.of(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Sizes in bytes, before and after; {@code locked} are tables that were left alone because a lock was held. */
    public record Report(long bytesBefore, long bytesAfter, List<Table> vacuumed, List<TableName> locked) {}

    /** One table before and after; dead rows as the engine estimates them. */
    public record Table(TableName table, long bytesBefore, long bytesAfter, long deadBefore, long deadAfter) {}
}
