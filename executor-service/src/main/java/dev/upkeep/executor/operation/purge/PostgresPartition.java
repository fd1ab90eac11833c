package dev.upkeep.executor.operation.purge;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A partition that may be dropped instead of being emptied row by row: it is a range of the rule's own column whose upper bound
 * is not after the cutoff, nothing refers to the table, the rule has no further conditions, and no trigger wants to see its
 * rows go. A range without a lower bound is left, as it can hold rows at minus infinity, which stay.
 */
final class PostgresPartition {
    private static final Pattern RANGE =
            Pattern.compile("FOR VALUES FROM \\((?:'[^']+'|-?\\d+)\\) TO \\((?:'(?<text>[^']+)'|(?<number>-?\\d+))\\)");
    /** Lock not available, dependent objects, no right, deadlock: the rows are deleted instead. */
    private static final Set<String> NOT_NOW = Set.of("55P03", "2BP01", "42501", "40P01");

    private static final String FIND = """
        SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class c
        JOIN pg_inherits i ON i.inhrelid = c.oid
        JOIN pg_partitioned_table t ON t.partrelid = i.inhparent
        JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
        WHERE c.oid = CAST(? AS regclass) AND i.inhparent = CAST(? AS bigint)::oid AND a.attname = CAST(? AS text)
          AND t.partstrat = 'r' AND t.partnatts = 1 AND pg_has_role(c.relowner, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)
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
        long bytes = Long.parseLong(session.text("SELECT pg_total_relation_size(CAST(? AS regclass))::text", walk.sql())
                .orElseThrow());
        return Optional.of(new Session.Partition(walk.sql(), count(), bytes));
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
