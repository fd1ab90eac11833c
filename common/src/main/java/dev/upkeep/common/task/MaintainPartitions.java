package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL: keeps a table that is partitioned by ranges of time in order. Creation and retention are separate: each is done only
 * if its parameter is given. Partitions have the boundaries of {@code interval} in UTC and names such as {@code events_p20261121}.
 *
 * @param interval the length of a partition
 * @param ahead how many partitions beyond the current one must exist; none are created if absent
 * @param keep partitions whose whole range is older than this are detached; none are if absent
 * @param drop also drop what was detached; without it the detached tables stay
 * @param drainDefault move rows of the default partition into partitions of their own range
 * @param archive write the rows of each partition away before it is dropped, so that {@code restore-purged} can bring it back
 */
public record MaintainPartitions(
        TableName table,
        Interval interval,
        Optional<Integer> ahead,
        Optional<Duration> keep,
        boolean drop,
        boolean drainDefault,
        Optional<Purge.Archive> archive)
        implements Task {
    /** Lengths of partitions. */
    public enum Interval {
        HOUR,
        DAY,
        WEEK,
        MONTH,
        YEAR
    }

    public MaintainPartitions {
        Check.present("table", table);
        Check.present("interval", interval);
        ahead.ifPresent(count -> Check.between("ahead", count, 1, 1_000));
        keep.ifPresent(time -> Check.positive("keep", time));
        if (ahead.isEmpty() && keep.isEmpty() && !drainDefault) {
            throw new InvalidValue("ahead", "absent", "must say something to do: ahead, keep or drainDefault");
        }
        if (drop && keep.isEmpty()) {
            throw new InvalidValue("drop", "true", "must come with keep");
        }
        if (archive.isPresent() && !drop) {
            throw new InvalidValue(
                    "archive", archive.get().toString(), "must come with drop: what is only detached stays");
        }
    }

    /** Without an archive. */
    public MaintainPartitions(
            TableName table,
            Interval interval,
            Optional<Integer> ahead,
            Optional<Duration> keep,
            boolean drop,
            boolean drainDefault) {
        this(table, interval, ahead, keep, drop, drainDefault, Optional.empty());
    }

    @Override
    public List<TableName> namedTables() {
        return List.of(table);
    }

    @Override
    public Optional<Duration> shortestKeep() {
        return keep;
    }

    @Override
    public Effect effect() {
        return keep.isPresent() ? Effect.DESTRUCTIVE : Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return drainDefault;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /**
     * What was created, detached and dropped; rows moved out of the default partition; hours until the last partition ends.
     *
     * @param receipts by which what was archived and dropped can be brought back
     */
    public record Report(
            List<TableName> created,
            List<TableName> detached,
            List<TableName> dropped,
            long drained,
            double headroomHours,
            List<String> receipts) {}
}
