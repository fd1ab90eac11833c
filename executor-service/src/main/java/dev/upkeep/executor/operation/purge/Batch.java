package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One transaction of a purge: dooms some root rows and all that depends on them, archives them, deletes them leaves first.
 *
 * <p>The rows are in a durable and listed part of the archive before the transaction commits, so what is deleted is archived,
 * whenever the process dies. Rows that come or change meanwhile make the engine refuse the transaction, never slip through.
 */
final class Batch {
    private final Session session;
    private final Branch branch;
    private final Optional<Archive> archive;
    private final long most;
    private long begunAt;
    private Duration work = Duration.ZERO;
    /** Whether the next transaction is at the same root row, of which it is known that it has too many dependants. */
    private boolean isSlicing;

    /**
     * What a batch did.
     *
     * @param chosen what the look at the root gave
     * @param isSlice whether only a part of the dependants of one root row was deleted, so that the same place comes again
     * @param isTooLarge whether nothing was done, as the root rows have too many dependants to be deleted together
     * @param looked how many rows of the root it passed, so far as each of them was work
     */
    record Outcome(
            Session.Chosen chosen,
            int looked,
            boolean isSlice,
            boolean isTooLarge,
            Map<TableName, Long> deleted,
            Map<TableName, Long> archived) {
        /** How many rows it deleted of the table of which it deleted most. */
        long largest() {
            return deleted.values().stream().mapToLong(Long::longValue).max().orElse(0);
        }
    }

    Batch(Session session, Branch branch, Optional<Archive> archive, Limits.Batching batching) {
        this.session = session;
        this.branch = branch;
        this.archive = archive;
        this.most = Math.max(4, batching.mostRows());
    }

    /** When the last transaction began, by {@link System#nanoTime()}. */
    long begunAt() {
        return begunAt;
    }

    /** How long the last transaction worked before it was made durable: what grows with its rows, whatever the disk is like. */
    Duration work() {
        return work;
    }

    /** How many rows of one table a transaction may delete. */
    long limit() {
        return most;
    }

    Outcome run(Session.Walk walk, Optional<String> from, int scan, int take) throws SQLException, IOException {
        boolean isDone = false;
        try {
            Optional<Outcome> outcome = Optional.empty();
            if (archive.isEmpty() && !isSlicing) {
                outcome = performUncounted(walk, from, new Size(scan, take, false));
            }
            if (outcome.isEmpty()) {
                outcome = perform(walk, from, new Size(scan, take, true));
            }
            isDone = true;
            isSlicing = outcome.orElseThrow().isSlice();
            return outcome.get();
        } finally {
            if (!isDone) {
                undo();
            }
        }
    }

    /** How much to look at and to take; {@code isWhole} as for {@link Session#begin}. */
    private record Size(int scan, int take, boolean isWhole) {}

    private Optional<Outcome> performUncounted(Session.Walk walk, Optional<String> from, Size size)
            throws SQLException, IOException {
        try {
            return perform(walk, from, size);
        } catch (SQLException e) {
            if (!session.isTooLong(e)) {
                throw e;
            }
            session.rollback();
            return size.take() > 1 ? Optional.of(tooLarge(new Session.Chosen(0, "", false))) : Optional.empty();
        }
    }

    private static Outcome tooLarge(Session.Chosen chosen) {
        return new Outcome(chosen, 0, false, true, Map.of(), Map.of());
    }

    /** Empty if one root row has too many dependants to delete them uncounted. */
    private Optional<Outcome> perform(Session.Walk walk, Optional<String> from, Size size)
            throws SQLException, IOException {
        session.begin(branch, size.isWhole());
        begunAt = System.nanoTime();
        CrashPoint.hit("purge-begun");
        if (!size.isWhole()) {
            Optional<Session.Swept> swept = session.sweep(walk, from, size.take());
            if (swept.isPresent()) {
                return swept(swept.get(), size);
            }
        }
        Session.Chosen chosen = session.choose(walk, from, size.scan(), (int) Math.min(most, size.take()));
        if (chosen.rows() == 0) {
            session.rollback();
            return Optional.of(new Outcome(chosen, 0, false, false, Map.of(), Map.of()));
        }
        Optional<Boolean> isSlice = spread(chosen);
        if (isSlice.isEmpty()) {
            session.rollback();
            return Optional.of(tooLarge(chosen));
        }
        Map<TableName, Long> archived = archived();
        Map<TableName, Long> deleted = deleted(size.isWhole());
        if (deleted.isEmpty()) {
            session.rollback();
            return chosen.rows() > 1 ? Optional.of(tooLarge(chosen)) : Optional.empty();
        }
        work = Duration.ofNanos(System.nanoTime() - begunAt);
        CrashPoint.hit("purge-deleted");
        if (archive.isPresent()) {
            archive.get().seal();
        }
        CrashPoint.hit("purge-archived");
        session.commit();
        archive.ifPresent(Archive::confirm);
        CrashPoint.hit("purge-committed");
        return Optional.of(new Outcome(chosen, chosen.rows(), isSlice.get(), false, deleted, archived));
    }

    private Optional<Outcome> swept(Session.Swept swept, Size size) throws SQLException {
        Map<TableName, Long> deleted = new TreeMap<>(swept.deleted());
        deleted.values().removeIf(rows -> rows == 0);
        Outcome outcome = new Outcome(swept.chosen(), swept.looked(), false, false, deleted, Map.of());
        if (outcome.largest() > most) {
            session.rollback();
            return size.take() > 1 ? Optional.of(tooLarge(swept.chosen())) : Optional.empty();
        }
        work = Duration.ofNanos(System.nanoTime() - begunAt);
        CrashPoint.hit("purge-deleted");
        session.commit();
        CrashPoint.hit("purge-committed");
        return Optional.of(outcome);
    }

    /** Dooms all that depends on the root rows; says whether only a slice of it, or nothing if it is too much. */
    private Optional<Boolean> spread(Session.Chosen chosen) throws SQLException {
        boolean isSlice = false;
        for (Branch.Group group : branch.order()) {
            Optional<TableName> overflow = spread(group);
            if (overflow.isEmpty()) {
                continue;
            }
            if (chosen.rows() > 1) {
                return Optional.empty();
            }
            if (group.isCycle()) {
                throw new Failure(
                        Code.GUARDRAIL,
                        "more than " + most + " rows hang together by the cycle of " + group.tables()
                                + " and can only be deleted in one transaction; raise upkeep.purge.batch-rows");
            }
            session.keepOnly(overflow.get(), (int) Math.max(1, most / 4));
            isSlice = true;
        }
        return Optional.of(isSlice);
    }

    /** Dooms a group's rows; returns the table with too many of them. */
    private Optional<TableName> spread(Branch.Group group) throws SQLException {
        for (Link link : group.into()) {
            session.follow(link, most);
        }
        long added = group.isCycle() ? 1 : 0;
        while (added > 0) {
            added = 0;
            for (Link link : group.within()) {
                added += session.follow(link, most);
                if (session.doomed(link.child()) > most) {
                    return Optional.of(link.child());
                }
            }
        }
        boolean hasRoot = group.tables().contains(branch.root().name());
        for (TableName table : group.tables()) {
            if (session.doomed(table) > most && !(hasRoot && !group.isCycle())) {
                return Optional.of(table);
            }
        }
        return Optional.empty();
    }

    private Map<TableName, Long> archived() throws SQLException, IOException {
        Map<TableName, Long> archived = new TreeMap<>();
        if (archive.isEmpty()) {
            return archived;
        }
        for (Branch.Group group : leavesFirst()) {
            for (TableName table : group.tables()) {
                long rows = session.doomed(table);
                if (rows > 0) {
                    session.read(table, archive.get());
                    archived.put(table, rows);
                }
            }
        }
        return archived;
    }

    /** Deletes leaves first; empty if rows that were not counted before turn out to be too many. */
    private Map<TableName, Long> deleted(boolean isWhole) throws SQLException {
        Map<TableName, Long> deleted = new TreeMap<>();
        for (Branch.Group group : leavesFirst()) {
            for (Map.Entry<TableName, Long> table : session.delete(group).entrySet()) {
                long doomed = session.doomed(table.getKey());
                if (table.getValue() != doomed) {
                    throw new Failure(
                            Code.CONSTRAINT,
                            "of " + doomed + " rows of " + table.getKey() + " the database deleted only "
                                    + table.getValue()
                                    + "; nothing of this batch was kept: a trigger or rule of the table interferes");
                }
                if (!isWhole && doomed > most) {
                    return Map.of();
                }
                if (doomed > 0) {
                    deleted.put(table.getKey(), doomed);
                }
            }
        }
        return deleted;
    }

    private List<Branch.Group> leavesFirst() {
        List<Branch.Group> groups = new ArrayList<>(branch.order());
        Collections.reverse(groups);
        return groups;
    }

    private void undo() throws IOException {
        boolean isRolledBack = false;
        try {
            session.rollback();
            isRolledBack = true;
        } catch (SQLException e) {
            // the connection is gone: whether a commit came through is not known; the first error says why
        }
        if (archive.isPresent()) {
            archive.get().abandon(isRolledBack);
        }
    }
}
