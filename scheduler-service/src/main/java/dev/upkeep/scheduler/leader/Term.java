package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.result.Result;
import dev.upkeep.scheduler.run.Ledger;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.Strikes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a leader does, over and over: judges requests, takes in results, fires policies, sends what is due, gives up on silence,
 * and writes down how far its runs are. Each decision is written in one transaction and counts only once that is committed; when
 * the group says that this replica's place has changed, the decision is dropped and made anew by whoever leads then.
 *
 * <p>A round is short whatever there is to do: large runs are worked out beside it, written slice by slice and sent in batches,
 * and what does not fit is left to the next round. Nothing is fired or sent before all results that came while nobody led have
 * been taken in: what has ended would else be taken for unfinished. For one thread.
 */
final class Term implements AutoCloseable {
    private static final Duration SWEEP = Duration.ofSeconds(2);

    private final World world;
    private final LeaderSettings settings;
    private final ResultFeed results;
    private final Writer writer;
    private final Planner planner = new Planner();
    private final Intake intake;
    private final PolicyFirings firings;
    private final Sending sending;
    private final Flush flush;
    private final Strikes strikes = new Strikes();
    private final List<Control> pauses = new ArrayList<>();
    private final Extras extras;
    private final Pace sweep = new Pace();
    private boolean isBusy;

    Term(
            World world,
            LeaderSettings settings,
            Candidacy candidacy,
            Transactions transactions,
            ResultFeed results,
            Watermark watermark) {
        this.world = world;
        this.settings = settings;
        this.results = results;
        this.writer = new Writer(world, settings, candidacy, transactions, watermark);
        this.intake = new Intake(world, candidacy, writer, planner);
        this.firings = new PolicyFirings(world, writer, watermark, planner);
        this.sending = new Sending(world, writer);
        this.flush = new Flush(world, writer, results);
        Instant began = world.clock().instant();
        this.extras = new Extras(world, writer, planner, began);
        List<Run> known = new ArrayList<>(world.book().all());
        Collections.reverse(known);
        strikes.recall(known, began);
    }

    /** One round; ends early when this replica's place in the group has changed. */
    void round() {
        Round round = new Round();
        Instant now = world.clock().instant();
        List<Control> controls = world.controls().active(now);
        writer.begin();
        isBusy = intake.step(controls, round);
        isBusy |= takeResults(controls, now);
        isBusy |= extras.step(controls, now);
        if (results.isCaughtUp()) {
            isBusy |= firings.step(controls, now, round);
            isBusy |= sending.step(controls, now, round);
        }
        if (!writer.isLost() && sweep.isDue()) {
            sweep.pause(SWEEP);
            sweep(controls, now);
        }
        if (!writer.isLost()) {
            flush.step(pauses, extras.isAnswered(), now);
        }
        world.metrics().ticked(round.took());
    }

    /** Whether there is more to do at once. */
    boolean isBusy() {
        return isBusy && !writer.isLost();
    }

    private boolean takeResults(List<Control> controls, Instant now) {
        List<Result> arrived = results.poll();
        if (!arrived.isEmpty()) {
            extras.note(arrived, controls, now);
            world.book()
                    .apply(arrived, now)
                    .forEach(ended ->
                            strikes.note(ended.run(), ended.target(), now).ifPresent(pauses::add));
        }
        return !arrived.isEmpty();
    }

    private void sweep(List<Control> controls, Instant now) {
        Ledger ledger = new Ledger(world.fleet(), settings.grace());
        world.book().active().forEach(run -> world.book().changed(ledger.sweep(run, now)));
        world.book().trim(now);
        world.metrics().overdue(extras.missing(controls, now));
        extras.joinLate(controls, now);
        sending.trim();
    }

    @Override
    public void close() {
        planner.close();
    }
}
