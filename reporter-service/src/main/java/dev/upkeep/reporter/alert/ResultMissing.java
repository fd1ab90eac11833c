package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run expected something of a database, its time is over, and neither executor nor scheduler has said how it ended.
 *
 * @param grace how long after the end of its window; 30 minutes if absent
 */
record ResultMissing(Optional<Duration> grace) implements Trigger {
    private static final int MOST = 1_000;

    ResultMissing {
        grace.ifPresent(time -> Check.positive("grace", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Duration patience = grace.orElse(Duration.ofMinutes(30));
        return facts
                .session()
                .list(
                        "SELECT t.db, u.origin_kind, u.origin, t.command, t.executor, t.finish_by FROM target t"
                                + " JOIN run u ON u.run = t.run WHERE t.outcome IS NULL AND t.finish_by < ?"
                                + " AND NOT EXISTS (SELECT 1 FROM result r WHERE r.command = t.command)"
                                + " ORDER BY t.finish_by DESC LIMIT " + MOST,
                        row -> Holding.onDatabase(
                                row.text(1),
                                Map.of(row.text(2), row.text(3)),
                                row.text(3) + " on " + row.text(1) + " has no result",
                                "Command " + row.text(4) + " for executor " + row.text(5) + " should have ended by "
                                        + row.time(6) + ", and " + Durations.text(patience)
                                        + " later nobody has said how it did. Look at the executor and at the scheduler."),
                        facts.now().minus(patience))
                .stream()
                .toList();
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
