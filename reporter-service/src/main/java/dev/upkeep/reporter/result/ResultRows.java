package dev.upkeep.reporter.result;

import dev.upkeep.common.result.Result;
import dev.upkeep.reporter.history.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keeps every result once, whatever number of times it arrives. */
public final class ResultRows {
    private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

    private ResultRows() {}

    /** Stores results; returns those that were not there before, in order. */
    public static List<Result> store(Session session, List<Received> results, Instant now) {
        List<Result> fresh = new ArrayList<>();
        try (Session.Bulk insert = session.bulk(
                "INSERT INTO result (command, run, origin_kind, origin, db, executor, outcome, good, dry_run, at, doc)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (command) DO NOTHING")) {
            for (Received received : results) {
                Result result = received.result();
                insert.add(
                        result.command().text(),
                        result.run().text(),
                        result.origin().kind(),
                        result.origin().name(),
                        result.database().text(),
                        result.executor().text(),
                        result.outcome(),
                        result.outcome().isGood(),
                        result.dryRun(),
                        notAhead(result.endedAt(), now),
                        received.packed());
            }
            int[] inserted = insert.run();
            for (int i = 0; i < inserted.length; i++) {
                if (inserted[i] > 0) {
                    fresh.add(results.get(i).result());
                }
            }
        }
        return fresh;
    }

    /** A host whose clock is ahead must not keep later results from counting: its times are cut to ours. */
    public static Instant notAhead(Instant stated, Instant now) {
        return stated.isAfter(now.plus(MOST_AHEAD)) ? now : stated;
    }
}
