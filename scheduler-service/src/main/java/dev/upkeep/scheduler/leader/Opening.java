package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Run;
import java.time.Instant;
import java.util.List;

/** Puts new runs into an emission: small ones with their first commands, large ones frozen first and sent later. For one thread. */
final class Opening {
    private final World world;
    private final Writer writer;

    Opening(World world, Writer writer) {
        this.world = world;
        this.writer = writer;
    }

    void add(Run run, Emission emission, List<Control> controls, Instant now) {
        boolean waits = run.head().plan().after().isPresent(); // for a run that may be in the same emission
        if (run.isOver()
                || waits
                || run.parts().size() > Writer.SLICE
                || run.tally().planned() > Sending.BATCH) {
            emission.run(run, writer.rest(run));
            return;
        }
        Dispatch.Dispatched first =
                new Dispatch(world.fleet(), controls, now).due(run, Precedence.of(run, world.book()), Sending.BATCH);
        emission.run(first.run(), first.run().allParts()).commands(first.commands());
    }
}
