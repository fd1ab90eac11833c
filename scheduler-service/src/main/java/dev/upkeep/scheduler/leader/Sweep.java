package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.RunId;
import dev.upkeep.scheduler.run.Ledger;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Goes over all runs every other second: gives up on executors that stay silent, and lets go of what is old. Spread over as many
 * rounds as it takes: at least one step is done in each. For one thread.
 */
final class Sweep {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final World world;
    private final Ledger ledger;
    private final Extras extras;
    private final Pace pace = new Pace();
    private final Queue<RunId> left = new ArrayDeque<>();
    private boolean isUnderWay;

    Sweep(World world, LeaderSettings settings, Extras extras) {
        this.world = world;
        this.ledger = new Ledger(world.fleet(), settings.grace());
        this.extras = extras;
    }

    /** Whether all runs have just been gone over. */
    boolean step(List<Control> controls, Instant now, Round round) {
        if (!isUnderWay) {
            if (!pace.isDue()) {
                return false;
            }
            isUnderWay = true;
            world.book().active().forEach(run -> left.add(run.head().id()));
        }
        while (!left.isEmpty()) {
            if (!giveUp(world.book().find(left.element()), now)) {
                left.remove();
            }
            if (round.isLong()) {
                return false;
            }
        }
        isUnderWay = false;
        pace.pause(PAUSE);
        world.book().trim(now);
        world.metrics().overdue(extras.missing(controls, now));
        extras.joinLate(controls, now);
        return true;
    }

    /** Whether there may be more to give up in this run. */
    private boolean giveUp(Optional<Run> run, Instant now) {
        if (run.isEmpty()) {
            return false;
        }
        Run swept = ledger.sweep(run.get(), now);
        world.book().changed(swept);
        return run.get().tally().sent() - swept.tally().sent() >= Ledger.MOST;
    }
}
