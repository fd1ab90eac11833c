package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes decisions down, each in one transaction, and keeps the book in step with what is written. When the group says that this
 * replica's place has changed, nothing is written, and nothing more is until the next round.
 *
 * <p>A new run that is too large for one transaction is written part by part; its first part, which carries the head, comes last
 * and makes it count: parts without a head are passed over by readers, and written anew by whoever leads next. For one thread.
 */
final class Writer {
    /** At most so many parts of runs are written at once. */
    static final int SLICE = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
    private static final Duration IDLE_COMMIT = Duration.ofSeconds(30);

    private final World world;
    private final LeaderSettings settings;
    private final Candidacy candidacy;
    private final Transactions transactions;
    private final Watermark watermark;
    private final Map<RunId, Integer> ahead = new HashMap<>();
    private final Stride parts = new Stride(4, SLICE);
    private final List<Control> pauses = new ArrayList<>();
    private final Pace idle = new Pace();
    private final Fitting fitting;
    private boolean lost;

    Writer(World world, LeaderSettings settings, Candidacy candidacy, Transactions transactions, Watermark watermark) {
        this.world = world;
        this.settings = settings;
        this.candidacy = candidacy;
        this.transactions = transactions;
        this.watermark = watermark;
        this.fitting = new Fitting(world);
    }

    /** A new round begins: writing is tried again. */
    void begin() {
        lost = false;
    }

    /** Whether something could not be written in this round. */
    boolean isLost() {
        return lost;
    }

    /** Whether nothing was written for so long that the watermark should be. */
    boolean isIdle() {
        return idle.isDue();
    }

    /** So many parts of runs should be written at once, by the time that it takes. */
    int slice() {
        return parts.size();
    }

    /**
     * Sets a pause with whatever is written next: once the topic says how the command ended that calls for it, no later leader
     * would find out.
     */
    void pause(Control pause) {
        pauses.add(pause);
    }

    /** Whether pauses wait to be written. */
    boolean hasPauses() {
        return !pauses.isEmpty();
    }

    boolean write(Emission emission, Instant now) {
        if (lost) {
            return false;
        }
        long began = System.nanoTime();
        pauses.forEach(emission::control);
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(emission.results());
        long requests = emission.requestOffset().orElseGet(candidacy::position);
        offsets.put(candidacy.requests(), new OffsetAndMetadata(requests, watermark.metadata()));
        if (!isWritten(emission, offsets, now)) {
            LOG.info("nothing written: this replica's place in group {} has changed", settings.group());
            lost = true;
            return false;
        }
        idle.pause(IDLE_COMMIT);
        pauses.forEach(pause -> LOG.warn("policy paused for a database: {}", pause.reason()));
        pauses.clear();
        for (Emission.Piece piece : emission.pieces()) {
            Run run = piece.run();
            if (piece.parts().contains(0)) {
                boolean news = world.book().isWrittenAsOpenOrUnknown(run.head().id());
                world.book().written(run, piece.parts());
                ahead.remove(run.head().id());
                if (news && run.isOver()) {
                    report(run, now);
                }
            } else if (world.book().find(run.head().id()).isPresent()) {
                world.book().written(run, piece.parts());
            }
            world.book().changed(run.endedIfDone(now)); // it is over if not one of its commands could be sent
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (emission.commands().isEmpty()) {
            parts.took(
                    emission.pieces().stream()
                            .mapToInt(piece -> piece.parts().size())
                            .sum(),
                    took);
        }
        world.metrics()
                .wrote(took, emission.commands().size(), emission.cancels().size());
        return true;
    }

    /** Writes the emission, or what of it is not too large. */
    private boolean isWritten(Emission emission, Map<TopicPartition, OffsetAndMetadata> offsets, Instant now) {
        fitting.begin(emission, now);
        while (true) {
            Transactions.Attempt attempt = transactions.write(emission, offsets, candidacy.membership(), now);
            if (attempt.oversized().isEmpty()) {
                return attempt.isWritten();
            }
            fitting.fit(attempt.oversized());
        }
    }

    /**
     * Writes the next parts of new runs ahead of their heads; whether all are there, so that the heads may be written. False
     * also if nothing could be written.
     */
    boolean isAhead(List<Run> runs, Instant now) {
        for (Run run : runs) {
            int from = ahead.getOrDefault(run.head().id(), 1);
            if (run.parts().size() > SLICE && from < run.parts().size()) {
                int to = Math.min(from + slice(), run.parts().size());
                Emission slice = new Emission().run(run, run.allParts().subList(from - 1, to - 1));
                if (write(slice, now)) {
                    ahead.put(run.head().id(), to);
                }
                return false;
            }
        }
        return true;
    }

    /** What is left to be written of a new run, of which {@link #isAhead} has written the rest. */
    List<Integer> rest(Run run) {
        return ahead.containsKey(run.head().id()) ? List.of(0) : run.allParts();
    }

    /**
     * Adds what a step has changed of a run. If the run is over with it, all that the topic lacks of it goes along, since readers
     * take the first part's word for the end of all; if that is too much at once, nothing is added.
     *
     * @return whether it was added; if not, the step has to wait, or to go by way of {@link Flush}
     */
    boolean add(Emission emission, Run before, Run after) {
        List<Integer> changed = after.isOver() ? world.book().behind(after) : after.changedFrom(before);
        if (changed.size() > SLICE + 1) {
            return false;
        }
        if (!changed.isEmpty()) {
            emission.run(after, changed);
        }
        return true;
    }

    private void report(Run run, Instant now) {
        Tally tally = run.tally();
        String status = EnumText.of(run.head().status());
        world.metrics().ended(status);
        LOG.info(
                "run over run={} origin={} status={} databases={} outcomes={} reason={} took={}",
                run.head().id(),
                run.head().origin().name(),
                status,
                tally.databases(),
                tally.ended().entrySet().stream()
                        .map(entry -> EnumText.of(entry.getKey()) + ":" + entry.getValue())
                        .toList(),
                run.head().reasons().isEmpty() ? "-" : run.head().reasons().get(0),
                Duration.between(run.head().asOf(), now));
    }
}
