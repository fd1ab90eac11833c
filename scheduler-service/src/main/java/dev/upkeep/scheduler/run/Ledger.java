package dev.upkeep.scheduler.run;

import dev.upkeep.common.command.Validity;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sees to it that silence ends: a database whose executor never answered becomes {@code offline}. If the executor is offline,
 * that is when its command could no longer start; else when it should have finished; each with a grace for the answer's way.
 */
public final class Ledger {
    /** The most databases that one step gives up; looking at a hundred thousand takes a few milliseconds. */
    public static final int MOST = 5_000;

    private final Fleet fleet;
    private final Duration grace;

    /** With this grace. */
    public Ledger(Fleet fleet, Duration grace) {
        this.fleet = fleet;
        this.grace = grace;
    }

    /**
     * The run with those databases ended that will not answer any more, so many of them as one step may change; the same run if
     * there are none.
     */
    public Run sweep(Run run, Instant now) {
        if (run.isOver() || run.head().validity().isEmpty() || run.tally().sent() == 0) {
            return run;
        }
        Validity validity = run.head().validity().get();
        if (!now.isAfter(validity.startBy().plus(grace))) {
            return run;
        }
        boolean overdue = now.isAfter(validity.finishBy().plus(grace));
        Map<Integer, Target> changes = new TreeMap<>();
        for (int position = 0; position < run.tally().databases() && changes.size() < MOST; position++) {
            if (run.tallies().get(position / Run.PART).sent() == 0) {
                position = (position / Run.PART + 1) * Run.PART - 1;
                continue;
            }
            Target target = run.target(position);
            if (target.status() == Target.Status.SENT && (overdue || fleet.isOffline(target.executor(), now))) {
                changes.put(position, offline(target, now));
            }
        }
        return run.with(changes).endedIfDone(now);
    }

    private Target offline(Target target, Instant now) {
        String heard = fleet.find(target.executor())
                .map(registration -> "last heard at " + registration.at())
                .orElse("never heard of since this scheduler started");
        Reason reason =
                new Reason(Code.EXECUTOR_OFFLINE, "no result came from executor " + target.executor() + ", " + heard);
        return target.ended(Outcome.OFFLINE, List.of(reason), now);
    }
}
