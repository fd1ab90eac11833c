package dev.upkeep.executor.operation.reindex;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.FreeSpace;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One walk over the chosen indexes. Used by one thread. */
final class ReindexRound {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final String LOCK_TIMEOUT = "55P03";

    private final PostgresSession session;
    private final Attempt attempt;
    private final boolean keepsCursor;
    private final List<Reindex.Index> rebuilt = new ArrayList<>();
    private final List<TableName> locked = new ArrayList<>();
    private final List<TableName> cleared = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private long freed;

    ReindexRound(PostgresSession session, Attempt attempt, boolean keepsCursor) {
        this.session = session;
        this.attempt = attempt;
        this.keepsCursor = keepsCursor;
    }

    Done planned(List<ReindexTarget> chosen, List<ReindexTarget> leftovers) {
        chosen.forEach(index -> rebuilt.add(
                new Reindex.Index(index.name().table(), index.table().table(), index.bytes(), index.bytes())));
        leftovers.forEach(index -> cleared.add(index.name().table()));
        return chosen.isEmpty() && leftovers.isEmpty()
                ? Done.nothing(report(), findings, List.of())
                : Done.succeeded(report(), findings, List.of());
    }

    Done done(List<ReindexTarget> chosen, List<ReindexTarget> leftovers) throws SQLException {
        // rebuilding waits for transactions that may see the old index; its own lock stops no reader or writer
        // meanwhile
        session.update("SET lock_timeout = '30s'");
        int at = 0;
        try {
            for (ReindexTarget leftover : leftovers) {
                clear(leftover.name());
            }
            for (ReindexTarget index : chosen) {
                Optional<Stop> stop = attempt.stop();
                if (stop.isPresent()) {
                    return partial(stop.get(), at, chosen.size());
                }
                Optional<Reason> reason = FreeSpace.problem(session, index.bytes(), "rebuilding index " + index.name());
                if (reason.isPresent()) {
                    return rebuilt.isEmpty()
                            ? Done.rejected(reason.get(), report())
                            : Done.partial(report(), reason.get(), findings, measurements());
                }
                attempt.progress(100.0 * at / chosen.size(), Optional.empty(), "rebuilding " + index.name());
                rebuild(index);
                at++;
                if (keepsCursor) {
                    attempt.saveCursor(Long.toString(index.oid()));
                }
            }
        } catch (SQLException e) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                throw e;
            }
            return partial(stop.get(), at, chosen.size());
        }
        if (rebuilt.isEmpty() && !locked.isEmpty()) {
            return Done.contended(
                    new Reason(Code.LOCK_TIMEOUT, "others kept all indexes from being rebuilt for 30 s: " + locked));
        }
        return rebuilt.isEmpty() && cleared.isEmpty()
                ? Done.nothing(report(), findings, measurements())
                : Done.succeeded(report(), findings, measurements());
    }

    private void rebuild(ReindexTarget index) throws SQLException {
        long start = System.nanoTime();
        try {
            session.run("REINDEX INDEX CONCURRENTLY " + index.name().sql());
        } catch (SQLException e) {
            boolean isStopping = attempt.stop().isPresent();
            if (isStopping) {
                session.finish();
            }
            clearLeftoversOf(index);
            if (!LOCK_TIMEOUT.equals(e.getSQLState())) {
                throw e;
            }
            locked.add(index.name().table());
            return;
        }
        long after = session.first("SELECT pg_relation_size(?::int8::oid)", row -> row.getLong(1), oidOf(index))
                .orElse(index.bytes());
        freed += Math.max(0, index.bytes() - after);
        rebuilt.add(new Reindex.Index(index.name().table(), index.table().table(), index.bytes(), after));
        attempt.yieldToApplication(Duration.ofNanos(System.nanoTime() - start), PAUSE);
    }

    /** The index has another id after its rebuild. */
    private long oidOf(ReindexTarget index) throws SQLException {
        return session.first(
                        "SELECT i.oid::int8 FROM pg_class i JOIN pg_namespace n ON n.oid = i.relnamespace"
                                + " WHERE n.nspname = ? AND i.relname = ?",
                        row -> row.getLong(1),
                        index.name().schema(),
                        index.name().name())
                .orElse(index.oid());
    }

    private void clearLeftoversOf(ReindexTarget index) throws SQLException {
        List<RelationName> names = session.rows(
                "SELECT n.nspname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
                        + " JOIN pg_namespace n ON n.oid = i.relnamespace WHERE x.indrelid = ?::int8::oid"
                        + " AND NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$'",
                row -> new RelationName(row.getString(1), row.getString(2)),
                index.tableOid());
        for (RelationName name : names) {
            clear(name);
        }
    }

    /** Drops a leftover: politely, else with a short try at the full lock, else by telling how. */
    private void clear(RelationName name) throws SQLException {
        session.update("SET lock_timeout = '3s'");
        for (String how : List.of("DROP INDEX CONCURRENTLY IF EXISTS ", "DROP INDEX IF EXISTS ")) {
            try {
                session.update(how + name.sql());
                cleared.add(name.table());
                session.update("SET lock_timeout = '30s'");
                return;
            } catch (SQLException e) {
                if (!LOCK_TIMEOUT.equals(e.getSQLState()) && !PostgresSession.isBrokenOff(e)) {
                    throw e;
                }
            }
        }
        session.update("SET lock_timeout = '30s'");
        findings.add(new Finding(
                "reindex-leftover",
                Severity.WARNING,
                name.text(),
                "could not be dropped",
                "no leftovers",
                "built-in",
                "Others hold locks on its table; the next reindex tries again, or: DROP INDEX CONCURRENTLY "
                        + name.sql()));
    }

    private Done partial(Stop stop, int at, int of) {
        return Done.partial(
                report(), Stopped.reason(stop, "after " + at + " of " + of + " indexes"), findings, measurements());
    }

    private Reindex.Report report() {
        return new Reindex.Report(List.copyOf(rebuilt), List.copyOf(locked), List.copyOf(cleared));
    }

    private List<Measurement> measurements() {
        return List.of(
                Measurement.count("reindex_done", "indexes", (long) rebuilt.size(), Map.of()),
                Measurement.count("reindex_freed", "bytes", freed, Map.of()));
    }
}
