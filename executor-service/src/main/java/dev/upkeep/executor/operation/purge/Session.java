package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Attempt;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One engine's session of a purge: looks up, counts, chooses and deletes. All that differs between engines is behind it.
 *
 * <p>Between {@link #begin} and {@link #commit} it holds the set of doomed rows: {@link #choose} puts root rows in, {@link
 * #follow} the rows that refer to them. The set's rows cannot change unnoticed before they are deleted. Not thread-safe.
 */
interface Session extends AutoCloseable {
    /** The database's own clock. */
    Instant now() throws SQLException;

    /** Refuses while something goes on that the executor's configuration names. */
    void refuseWhileBusy(Limits.Demands demands) throws SQLException;

    /** Looks a table up; refuses what is no ordinary or partitioned table, or cannot be read and deleted from. */
    Table table(TableName name) throws SQLException;

    /** Whether the engine takes a name for this table's, though it is written otherwise. */
    boolean isSpelling(TableName name, Table table);

    /** The references to a table that the schema declares; refuses those that lead to it in a way that cannot be followed. */
    List<Link> links(Table parent) throws SQLException;

    /**
     * Why the rows that this link leads to would not be exactly those that the engine takes for children, as it compares by rules
     * that are not seen here; empty if there is no such reason.
     */
    Optional<String> obstacle(Link link) throws SQLException;

    /** The rule's predicate; refuses columns that cannot say a time. */
    Age age(Table table, Purge.Rule rule, Instant cutoff, Optional<ZoneId> zone) throws SQLException;

    /** Counts what would go. Reads only. */
    Census census(Branch branch) throws SQLException;

    /** The stretches in which the root's rows are walked: one for a table, one for each partition. */
    List<Walk> walks(Branch branch) throws SQLException;

    /** The stretch as a partition that {@link #drop} would drop; changes nothing. */
    Optional<Partition> droppable(Branch branch, Walk walk) throws SQLException;

    /**
     * Drops a stretch as a whole if it is a partition, all of whose rows are past retention and have no dependants.
     *
     * @return how many rows it had; empty if it was not dropped, also when a lock was not to be had at once
     */
    OptionalLong drop(Branch branch, Walk walk) throws SQLException;

    /**
     * The same, with all rows archived before; also empty if there was a reason to stop.
     *
     * @see #isThere for what a crash leaves
     */
    default OptionalLong drop(Branch branch, Walk walk, Archive archive, Attempt attempt)
            throws SQLException, IOException {
        return OptionalLong.empty();
    }

    /** Whether a partition that an earlier try archived has not been dropped. */
    default boolean isThere(ArchiveLog.Leaving partition) throws SQLException {
        throw new IllegalStateException("an engine without partitions: " + partition);
    }

    /**
     * Says, before the first batch, whether the application comes first or speed.
     *
     * @param target how long a batch should take at most
     * @return how batches follow each other at this pace
     */
    Rhythm pace(Purge.Pace pace, Duration target) throws SQLException;

    /** What is to be done after a batch, while nothing is locked. */
    void between() throws SQLException;

    /**
     * Begins a transaction.
     *
     * @param isWhole whether each row has to be known; else the rows of tables that nobody refers to may stay in the database
     *     until they are deleted, and are only counted then
     */
    void begin(Branch branch, boolean isWhole) throws SQLException;

    /**
     * Deletes up to {@code take} rows of the root, and all that depends on them, by ranges of the root's time and without looking
     * at each row.
     *
     * @return empty if the engine cannot do that for this branch, walk and place
     */
    Optional<Swept> sweep(Walk walk, Optional<String> from, int take) throws SQLException;

    /**
     * Looks at up to {@code scan} rows of the root from a position on, and dooms up to {@code take} of them.
     *
     * @param from where to begin; empty for the walk's beginning
     */
    Chosen choose(Walk walk, Optional<String> from, int scan, int take) throws SQLException;

    /** Dooms the rows that refer to doomed parents by this link, up to {@code most}; returns how many it added. */
    long follow(Link link, long most) throws SQLException;

    /** Leaves only this many doomed rows of this table in the set, and none of any other. */
    void keepOnly(TableName table, int most) throws SQLException;

    /** How many rows of this table are doomed, or were deleted uncounted. */
    long doomed(TableName table) throws SQLException;

    /** Hands out the doomed rows of a table, whole. */
    void read(TableName table, RowSink sink) throws SQLException, IOException;

    /** Deletes the doomed rows of a group of tables; returns how many rows of each the engine says it deleted. */
    Map<TableName, Long> delete(Branch.Group group) throws SQLException;

    void commit() throws SQLException;

    void rollback() throws SQLException;

    /** Whether the error says that a batch was broken off because it took too long, so that it has to be smaller. */
    boolean isTooLong(SQLException error);

    /** Whether the error says that someone else was at the same rows, so that the batch may be tried again. */
    boolean isConflict(SQLException error);

    /** The code of a driver's error. */
    Code codeOf(SQLException error);

    /** Makes all that was committed outlive a power cut of the database's host. */
    void settle() throws SQLException;

    /**
     * When the oldest row of the root is from; empty if there is none, or it would cost too much to say.
     *
     * @param isSwept whether all stale rows were just deleted, so that there is no need to look among them: an index still leads
     *     to each of them
     */
    Optional<Instant> oldest(Branch branch, boolean isSwept) throws SQLException;

    void analyze(List<Table> tables) throws SQLException;

    /** Breaks off what the session is doing; the only method for other threads. */
    void cancel();

    @Override
    void close() throws SQLException;

    /**
     * How batches follow each other.
     *
     * @param target how long one should take
     * @param pause how long to pause after each, at least
     * @param times how many times as long as it took; zero if a pause is not wanted at all
     */
    record Rhythm(Duration target, Duration pause, double times) {
        /** As long batches as are allowed, without pauses. */
        static Rhythm fast(Duration target) {
            return new Rhythm(target, Duration.ZERO, 0);
        }
    }

    /** A stretch of the root. */
    record Walk(String name, String sql, boolean ordered) {}

    /** A partition; {@code bytes} with its indexes. */
    record Partition(String name, long rows, long bytes) {}

    /**
     * What a look at the root gave.
     *
     * @param rows how many rows are doomed
     * @param next where to look next
     * @param end whether the stretch is at its end
     */
    record Chosen(int rows, String next, boolean end) {}

    /**
     * What a sweep deleted, by table.
     *
     * @param looked how many rows of the root it passed: those that it deleted, and those that a further condition keeps
     */
    record Swept(Chosen chosen, int looked, Map<TableName, Long> deleted) {}

    /** What a rule would delete; {@code total} is the number of rows in the root table. */
    record Census(
            Map<TableName, Long> rows,
            Map<TableName, Long> bytes,
            long total,
            Optional<Instant> oldest,
            Optional<Instant> newest) {
        long all() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Takes whole rows, each as one line of JSON. */
    interface RowSink {
        void row(TableName table, String json) throws IOException;
    }
}
