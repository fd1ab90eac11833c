package dev.upkeep.reporter.retention;

import dev.upkeep.common.Check;
import dev.upkeep.reporter.history.History;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Deletes what is older than it is to be kept, in transactions small enough for the intake to go on between them. What is exactly as
 * old as the limit stays. How tasks last ended, open findings, sums and alerts that fire are never deleted.
 */
final class Pruning {
    private static final int SLICE = 1_000;
    private static final Duration STALE_PROGRESS = Duration.ofDays(2);

    private final History history;
    private final Duration keep;
    private final Duration keepSamples;

    Pruning(History history, Duration keep, Duration keepSamples) {
        this.history = history;
        this.keep = Check.positive("upkeep.history.keep", keep);
        this.keepSamples = Check.positive("upkeep.history.keep-samples", keepSamples);
    }

    /** Returns the number of rows that went. */
    long prune(Instant now) {
        Instant limit = now.minus(keep);
        long gone = slices("result", "command", "at", limit)
                + slices("finding", "id", "ended", limit)
                + slices("alert", "fingerprint", "ended", limit)
                + slices("quarantine", "id", "at", limit)
                + slices("control", "id", "until", limit)
                + slices("outbox", "id", "created", limit)
                + slices("progress", "command", "at", now.minus(STALE_PROGRESS))
                + runs(limit);
        gone += history.write(session -> session.update("DELETE FROM dead_letter WHERE at < ?", limit)
                + session.update("DELETE FROM backup WHERE gone_at < ?", limit));
        return gone + samples(now.minus(keepSamples));
    }

    private long slices(String table, String key, String time, Instant limit) {
        long gone = 0;
        int slice;
        do {
            slice = history.write(session -> session.update(
                    "DELETE FROM " + table + " WHERE " + key + " IN (SELECT " + key + " FROM " + table + " WHERE "
                            + time + " < ? ORDER BY " + time + " LIMIT " + SLICE + ")",
                    limit));
            gone += slice;
        } while (slice == SLICE);
        return gone;
    }

    private long runs(Instant limit) {
        List<String> old =
                history.read(session -> session.list("SELECT run FROM run WHERE at < ?", row -> row.text(1), limit));
        for (String run : old) {
            history.write(session -> session.update("DELETE FROM target WHERE run = ?", run)
                    + session.update("DELETE FROM run_part WHERE run = ?", run)
                    + session.update("DELETE FROM run WHERE run = ?", run));
        }
        return old.size();
    }

    private long samples(Instant limit) {
        long gone = 0;
        List<Long> series = history.read(session -> session.list("SELECT id FROM series", row -> row.number(1)));
        for (Long id : series) {
            gone += history.write(
                    session -> session.update("DELETE FROM sample WHERE series = ? AND at < ?", id, limit));
        }
        return gone
                + history.write(session -> session.update("DELETE FROM series WHERE kind = 'gauge' AND at < ?", limit));
    }
}
