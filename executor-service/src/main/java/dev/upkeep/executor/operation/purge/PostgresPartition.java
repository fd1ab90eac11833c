package dev.upkeep.executor.operation.purge;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A partition that may be dropped instead of being emptied row by row: it is a range of the rule's own column whose upper bound
 * is not after the cutoff, nothing refers to the table, the rule has no further conditions, and no trigger wants to see its
 * rows go. A range without a lower bound, or from minus infinity on, is left, as it can hold rows at minus infinity, which stay.
 *
 * <p>With an archive, all rows are written away first, while everybody can go on to read and write them. Then writers are kept
 * out for as long as a look takes whether these are still the rows that are there, and the partition is dropped, in one transaction.
 * Locks that others could wait for crosswise are never waited for, so that no session of the application becomes the victim of a deadlock.
 */
final class PostgresPartition {
    private static final Pattern RANGE = Pattern.compile("FOR VALUES FROM \\((?:'(?!-?(?i:inf))[^']+'|-?\\d+)\\)"
            + " TO \\((?:'(?<text>[^']+)'|(?<number>-?\\d+))\\)");
    /**
     * Lock not available, dependent objects, no right, deadlock, broken off, no such column in this kind of table: the rows are
     * deleted instead.
     */
    private static final Set<String> NOT_NOW = Set.of("55P03", "2BP01", "42501", "40P01", "57014", "0A000");

    private static final String LOCKED = "55P03";
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** What an archive takes in of a partition in a second, by a cautious guess. */
    private static final long BYTES_PER_SECOND = 8 << 20;

    private static final String FIND = """
        SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class c
        JOIN pg_inherits i ON i.inhrelid = c.oid
        JOIN pg_partitioned_table t ON t.partrelid = i.inhparent
        JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
        WHERE c.oid = CAST(? AS regclass) AND i.inhparent = CAST(? AS bigint)::oid AND a.attname = CAST(? AS text)
          AND t.partstrat = 'r' AND t.partnatts = 1 AND pg_has_role(c.relowner, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)
        """;

    /** All that a drop locks: the partition, its table, the default partition, and tables that the partition refers to. */
    private static final String LOCKS = """
        SELECT string_agg('ONLY ' || l.oid::regclass::text, ', ') FROM (
          SELECT CAST(? AS bigint)::oid AS oid
          UNION SELECT CAST(? AS regclass)
          UNION SELECT partdefid FROM pg_partitioned_table WHERE partrelid = CAST(? AS bigint)::oid AND partdefid <> 0
          UNION SELECT confrelid FROM pg_constraint WHERE conrelid = CAST(? AS regclass) AND contype = 'f') l
        """;

    private final PostgresSession session;
    private final Branch branch;
    private final PostgresCatalogue.Entry root;
    private final Session.Walk walk;

    PostgresPartition(PostgresSession session, Branch branch, PostgresCatalogue.Entry root, Session.Walk walk) {
        this.session = session;
        this.branch = branch;
        this.root = root;
        this.walk = walk;
    }

    /** What {@link #drop} would do; changes nothing. */
    Optional<Session.Partition> look() throws SQLException {
        if (!root.isPartitioned() || !isAllowed() || !isPast()) {
            return Optional.empty();
        }
        return Optional.of(new Session.Partition(walk.sql(), count(), bytes()));
    }

    private long bytes() throws SQLException {
        return Long.parseLong(session.text("SELECT pg_total_relation_size(CAST(? AS regclass))::text", walk.sql())
                .orElseThrow());
    }

    private long count() throws SQLException {
        return Long.parseLong(
                session.text("SELECT count(*) FROM ONLY " + walk.sql()).orElseThrow());
    }

    OptionalLong drop() throws SQLException {
        if (!root.isPartitioned() || !isAllowed() || !isPast()) {
            session.rollback();
            return OptionalLong.empty();
        }
        try {
            long rows = count();
            session.execute("DROP TABLE " + walk.sql());
            session.commit();
            return OptionalLong.of(rows);
        } catch (SQLException e) {
            session.rollback();
            if (NOT_NOW.contains(e.getSQLState())) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    /**
     * The same with all rows archived first; empty if nothing was dropped, also when there was a reason to stop.
     *
     * <p>The archive lists the rows as those of a partition that leaves. If the process dies, its being there or not says whether they
     * count: see {@link #isThere}.
     */
    OptionalLong drop(Archive archive, Attempt attempt) throws SQLException, IOException {
        if (!root.isPartitioned() || !isAllowed()) {
            return OptionalLong.empty();
        }
        boolean isDropped = false;
        try {
            // each statement sees what is there when it begins
            session.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
            if (!isPast() || !canBeDone(attempt)) {
                return OptionalLong.empty();
            }
            // in vain rather now than after all is archived; taken back at once
            session.execute("SAVEPOINT tried");
            dropNow();
            session.execute("ROLLBACK TO SAVEPOINT tried");
            archive.begin(leaving(session.connection(), walk.sql()));
            PostgresPartitionRows all = new PostgresPartitionRows(session.connection(), branch.root(), walk.sql());
            Optional<PostgresPartitionRows.Seen> written = all.write(archive, attempt);
            if (written.isEmpty()) {
                return OptionalLong.empty();
            }
            session.execute("LOCK TABLE ONLY " + walk.sql() + " IN SHARE MODE");
            session.execute("SET LOCAL statement_timeout = '1min'");
            if (!isPast() || !all.look().equals(written.get())) {
                return OptionalLong.empty();
            }
            CrashPoint.hit("purge-partition-archived");
            dropNow();
            session.commit();
            isDropped = true;
            archive.confirm();
            CrashPoint.hit("purge-partition-dropped");
            return OptionalLong.of(written.get().rows());
        } catch (SQLException e) {
            if (NOT_NOW.contains(e.getSQLState())) {
                return OptionalLong.empty();
            }
            throw e;
        } finally {
            if (!isDropped) {
                undo(archive);
            }
        }
    }

    /** An archive of a partition that is broken off at the end of each window would never come to an end. */
    private boolean canBeDone(Attempt attempt) throws SQLException {
        return Duration.between(Instant.now(), attempt.finishBy()).toSeconds() >= bytes() / BYTES_PER_SECOND;
    }

    private void dropNow() throws SQLException {
        String own = Long.toString(root.oid());
        String locks = session.text(LOCKS, own, walk.sql(), own, walk.sql()).orElseThrow();
        long until = System.nanoTime() + PATIENCE.toNanos();
        boolean isLocked = false;
        session.execute("SAVEPOINT locking");
        while (!isLocked) {
            try {
                session.execute("LOCK TABLE " + locks + " IN ACCESS EXCLUSIVE MODE NOWAIT");
                isLocked = true;
            } catch (SQLException e) {
                if (!LOCKED.equals(e.getSQLState()) || System.nanoTime() > until) {
                    throw e;
                }
                session.execute("ROLLBACK TO SAVEPOINT locking");
                session.execute("SELECT pg_sleep(0.01)");
            }
        }
        session.execute("DROP TABLE " + walk.sql());
    }

    /** The partition of this name. */
    static ArchiveLog.Leaving leaving(Connection connection, String sql) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(
                "SELECT c.oid::bigint, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_class c"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?::regclass")) {
            find.setString(1, sql);
            try (ResultSet row = find.executeQuery()) {
                row.next();
                return new ArchiveLog.Leaving(
                        row.getLong(1), new Receipt.Partition(row.getString(2), row.getString(3), row.getString(4)));
            }
        }
    }

    /** Whether it has not been dropped. */
    static boolean isThere(Connection connection, ArchiveLog.Leaving leaving) throws SQLException {
        try (PreparedStatement look =
                connection.prepareStatement("SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.oid = ?::bigint::oid AND n.nspname = ? AND c.relname = ?")) {
            look.setLong(1, leaving.oid());
            look.setString(2, leaving.partition().schema());
            look.setString(3, leaving.partition().name());
            try (ResultSet row = look.executeQuery()) {
                return row.next();
            }
        } finally {
            connection.commit();
        }
    }

    private void undo(Archive archive) throws IOException {
        boolean isRolledBack = false;
        try {
            session.rollback();
            isRolledBack = true;
        } catch (SQLException e) {
            // the connection is gone: whether a commit came through, the partition's being there says; the first error
            // says why
        }
        archive.abandon(isRolledBack);
    }

    private boolean isAllowed() {
        return branch.links().isEmpty()
                && branch.kept().isEmpty()
                && !branch.age().hasCondition()
                && branch.root().triggers().isEmpty()
                && branch.age().stale().values().size() == 1;
    }

    /** Whether every time that the partition can hold is before the cutoff. */
    private boolean isPast() throws SQLException {
        String column = branch.rule().column().column();
        Optional<String> bounds = session.text(FIND, walk.sql(), Long.toString(root.oid()), column);
        Matcher range = RANGE.matcher(bounds.orElse(""));
        if (!range.matches()) {
            return false;
        }
        String upper = range.group("text") == null ? range.group("number") : range.group("text");
        List<Object> cutoff = branch.age().stale().values();
        String type = branch.root().column(column).orElseThrow().type();
        return session.text(
                        "SELECT 'yes' WHERE CAST(? AS " + type + ") <= CAST(? AS " + type + ")",
                        upper,
                        cutoff.get(0).toString())
                .isPresent();
    }
}
