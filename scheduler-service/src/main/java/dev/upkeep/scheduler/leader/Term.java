package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.result.Result;
import dev.upkeep.scheduler.metric.RoundPart;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.Strikes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader does, over and over: judges requests, takes in results, fires policies, sends what is due, gives up on silence,
 * and writes down how far its runs are. Each decision is written in one transaction and counts only once that is committed; when
 * the group says that this replica's place has changed, the decision is dropped and made anew by whoever leads then.
 *
 * <p>A round is short whatever there is to do: large runs are worked out beside it, written slice by slice and sent in batches,
 * and what does not fit is left to the next round. Nothing is decided before all results that came while nobody led have been
 * taken in: what has ended would else be taken for unfinished, silent or overdue. For one thread.
 */
final class Term implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Term.class);

    private final World world;
    private final ResultFeed results;
    private final Writer writer;
    private final Planner planner = new Planner();
    private final Intake intake;
    private final PolicyFirings firings;
    private final Sending sending;
    private final Flush flush;
    private final Strikes strikes = new Strikes();
    private final Extras extras;
    private final Sweep sweep;
    private Duration longest = Duration.ofMillis(100);
    private boolean owesStates;
    private boolean isBusy;

    Term(
            World world,
            LeaderSettings settings,
            Candidacy candidacy,
            Transactions transactions,
            ResultFeed results,
            Watermark watermark) {
        this.world = world;
        this.results = results;
        this.writer = new Writer(world, settings, candidacy, transactions, watermark);
        this.intake = new Intake(world, candidacy, writer, planner);
        this.firings = new PolicyFirings(world, writer, watermark, planner);
        this.sending = new Sending(world, writer);
        this.flush = new Flush(world, writer, results);
        Instant began = world.clock().instant();
        this.extras = new Extras(world, writer, planner, began);
        this.sweep = new Sweep(world, settings, extras);
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
        isBusy = takeResults(controls, now);
        round.did(RoundPart.RESULTS);
        boolean states = owesStates;
        if (states) {
            writeStates(now, round);
        }
        if (results.isCaughtUp()) {
            decide(controls, now, round);
        }
        owesStates = !states && round.isLong();
        if (!states && !owesStates) {
            writeStates(now, round);
        }
        finish(round);
    }

    private void decide(List<Control> controls, Instant now, Round round) {
        isBusy |= intake.step(controls, round);
        round.did(RoundPart.REQUESTS);
        isBusy |= extras.step(controls, now);
        round.did(RoundPart.ANSWERS);
        isBusy |= firings.step(controls, now, round);
        round.did(RoundPart.FIRINGS);
        isBusy |= sending.step(controls, now, round);
        round.did(RoundPart.SENDING);
        if (!writer.isLost() && sweep.step(controls, now, round)) {
            sending.trim();
        }
        round.did(RoundPart.SWEEP);
    }

    /** Comes first in a round if the one before had no time for it. */
    private void writeStates(Instant now, Round round) {
        if (!writer.isLost()) {
            flush.step(extras.isAnswered(), now);
        }
        round.did(RoundPart.STATES);
    }

    private void finish(Round round) {
        Duration took = round.took();
        world.metrics().ticked(took, round.parts());
        if (took.compareTo(longest) > 0) {
            longest = took;
            LOG.info("longest round of this term so far took={} parts={}", took, round.parts());
        }
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
                            strikes.note(ended.run(), ended.target(), now).ifPresent(writer::pause));
        }
        return !arrived.isEmpty();
    }

    @Override
    public void close() {
        planner.close();
    }
}
