package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.RunId;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sends the commands whose moment has come, a bounded number of them per round. For one thread. */
final class Sending {
    /** The most databases that one transaction touches: large runs leave room for requests and results in between. */
    static final int BATCH = 1_000;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final World world;
    private final Writer writer;
    private final Map<RunId, Looked> looked = new HashMap<>();

    private record Looked(Run run, Pace again) {}

    Sending(World world, Writer writer) {
        this.world = world;
        this.writer = writer;
    }

    /** Whether there is more to send at once. */
    @SuppressWarnings("ReferenceEquality") // an unchanged value is the same object; comparing contents would cost much
    boolean step(List<Control> controls, Instant now, Round round) {
        for (Run run : world.book().active()) {
            if (round.isLong()) {
                return true;
            }
            Looked before = looked.get(run.head().id());
            boolean fresh =
                    before != null && before.run() == run && !before.again().isDue();
            if (run.tally().planned() == 0 || fresh) {
                continue;
            }
            Dispatch.Dispatched due =
                    new Dispatch(world.fleet(), controls, now).due(run, Precedence.of(run, world.book()), BATCH);
            if (due.run() != run) {
                List<Integer> parts = due.run().isOver()
                        ? world.book().behind(due.run())
                        : due.run().changedFrom(run);
                if (!writer.write(new Emission().run(due.run(), parts).commands(due.commands()), now)) {
                    return false;
                }
            }
            if (due.more()) {
                return true;
            }
            Pace again = new Pace();
            again.pause(LOOK_AGAIN);
            looked.put(run.head().id(), new Looked(due.run(), again));
        }
        return false;
    }

    /** Forgets the runs that are over. */
    void trim() {
        looked.keySet().removeIf(id -> world.book().find(id).map(Run::isOver).orElse(true));
    }
}
