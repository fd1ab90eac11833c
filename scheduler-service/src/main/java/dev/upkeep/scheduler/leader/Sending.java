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
import java.util.Optional;

/** Sends the commands whose moment has come, a bounded number of them per round. For one thread. */
final class Sending {
    /** The most databases that one transaction touches: large runs leave room for requests and results in between. */
    static final int BATCH = 1_000;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final World world;
    private final Writer writer;
    private final Stride stride = new Stride(100, BATCH);
    private final Map<RunId, Looked> looked = new HashMap<>();

    /** How a run was when it was last looked at, and from which position to look on, if not from the first. */
    private record Looked(Run run, int next, Pace again) {}

    Sending(World world, Writer writer) {
        this.world = world;
        this.writer = writer;
    }

    /** Whether there is more to send at once. */
    boolean step(List<Control> controls, Instant now, Round round) {
        boolean more = false;
        for (Run run : world.book().active()) {
            if (round.isLong()) {
                return true;
            }
            if (isDue(run)) {
                int next = Optional.ofNullable(looked.get(run.head().id()))
                        .map(Looked::next)
                        .orElse(0);
                Dispatch.Dispatched due = new Dispatch(world.fleet(), controls, now)
                        .due(run, Precedence.of(run, world.book()), next, stride.size());
                if (!send(run, due, now)) {
                    return false;
                }
                Pace again = new Pace();
                again.pause(due.more() ? Duration.ZERO : LOOK_AGAIN);
                looked.put(run.head().id(), new Looked(due.run(), due.next(), again));
                if (due.more()) {
                    return true;
                }
                more |= due.next() > 0;
            }
        }
        return more;
    }

    @SuppressWarnings("ReferenceEquality") // an unchanged value is the same object; comparing contents would cost much
    private boolean isDue(Run run) {
        Looked before = looked.get(run.head().id());
        boolean fresh = before != null
                && before.run() == run
                && before.next() == 0
                && !before.again().isDue();
        return !fresh && (run.tally().planned() > 0 || run.isStopping());
    }

    /** Writes what is due; false if it could not be written. */
    @SuppressWarnings("ReferenceEquality") // as above
    private boolean send(Run run, Dispatch.Dispatched due, Instant now) {
        if (due.run() == run) {
            return true;
        }
        Emission emission = new Emission().commands(due.commands()).cancels(due.cancels());
        if (!writer.add(emission, run, due.run())) {
            world.book().changed(due.run()); // the end of a large run, which is written step by step
            return true;
        }
        long began = System.nanoTime();
        boolean written = writer.write(emission, now);
        stride.took(Math.max(due.commands().size(), due.cancels().size()), Duration.ofNanos(System.nanoTime() - began));
        return written;
    }

    /** Forgets the runs that are over. */
    void trim() {
        looked.keySet().removeIf(id -> world.book().find(id).map(Run::isOver).orElse(true));
    }
}
