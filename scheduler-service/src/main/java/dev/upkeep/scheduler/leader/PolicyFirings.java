package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.Firings;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.policy.Overlap;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.RunPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Future;

/**
 * Fires policies: each firing becomes a run, and with it, in the same transaction, the runs of the policies that come after it
 * in a chain. Firings are decided up to a watermark, which moves on when all that were due have been written. For one thread.
 */
final class PolicyFirings {
    private final World world;
    private final Writer writer;
    private final Watermark watermark;
    private final Opening opening;
    private final Planner planner;
    private final Firings firings = new Firings();
    private final Queue<Firing> due = new ArrayDeque<>();
    private Instant until = Instant.MIN;
    private Optional<Planning> planning = Optional.empty();

    private record Planning(Instant now, Future<List<Run>> runs) {}

    PolicyFirings(World world, Writer writer, Watermark watermark, Planner planner) {
        this.world = world;
        this.writer = writer;
        this.watermark = watermark;
        this.planner = planner;
        this.opening = new Opening(world, writer);
    }

    /** Whether there is more to fire at once. */
    boolean step(List<Control> controls, Instant now, Round round) {
        if (due.isEmpty()) {
            until = now;
            due.addAll(firings.due(
                    world.policies().inForce(),
                    watermark.decided(),
                    now,
                    name -> world.book().lastFiring(name)));
        }
        while (!due.isEmpty()) {
            if (round.isLong() || !fire(due.element(), controls)) {
                return true;
            }
            due.remove();
            planning = Optional.empty();
        }
        watermark.advance(until);
        firings.decided(until);
        return false;
    }

    private boolean fire(Firing firing, List<Control> controls) {
        Planning current = planning.orElseGet(() -> {
            Instant now = world.clock().instant();
            PolicySet policies = world.policies().inForce();
            return new Planning(now, planner.begin(() -> plan(firing, policies, controls, now)));
        });
        planning = Optional.of(current);
        Optional<List<Run>> planned = Planner.soon(current.runs());
        if (planned.isEmpty() || !writer.isAhead(planned.get(), current.now())) {
            return false;
        }
        Emission emission = new Emission();
        for (Run run : planned.get()) {
            if (run.head().plan().overlap().equals(Optional.of(Overlap.CANCEL)) && !run.isOver()) {
                cancelEarlier(run, emission, controls, current.now());
            }
            opening.add(run, emission, controls, current.now());
        }
        if (!writer.write(emission, current.now())) {
            return false;
        }
        world.metrics().fired(Duration.between(firing.nominal(), world.clock().instant()));
        planned.get().forEach(run -> world.metrics().begun(run.tally().databases()));
        return true;
    }

    /** The run of the firing, and those that come after it. */
    private List<Run> plan(Firing firing, PolicySet policies, List<Control> controls, Instant now) {
        PolicyRuns runs = new PolicyRuns(new Freezer(world.fleet().executors(), controls), controls);
        RunBook book = world.book();
        List<Run> planned = new ArrayList<>();
        planned.add(runs.fire(firing, book.busy(firing.policy().name()), now));
        for (int i = 0; i < planned.size(); i++) {
            Run before = planned.get(i);
            for (Policy policy : policies.after(before.head().origin().name())) {
                Map<DatabaseId, Run> busy = book.busy(policy.name());
                planned.add(runs.chain(policy, before, busy, now));
            }
        }
        return planned;
    }

    /** Tells earlier runs of the policy to stop; large ones end step by step afterwards. */
    private void cancelEarlier(Run run, Emission emission, List<Control> controls, Instant now) {
        Dispatch dispatch = new Dispatch(world.fleet(), controls, now);
        RunPlan.Stop order = new RunPlan.Stop(Optional.of("scheduler"), Optional.of("the policy fired again"));
        int room = Sending.BATCH;
        for (Run earlier : world.book().active()) {
            if (earlier.head().plan().policy().equals(run.head().plan().policy())) {
                Dispatch.Dispatched stopped = dispatch.stop(earlier, order, Math.max(0, room));
                if (!writer.add(emission, earlier, stopped.run())) {
                    throw new IllegalStateException(
                            "too much of run " + earlier.head().id() + " would change at once");
                }
                emission.cancels(stopped.cancels());
                room -= earlier.tally().open();
            }
        }
    }
}
