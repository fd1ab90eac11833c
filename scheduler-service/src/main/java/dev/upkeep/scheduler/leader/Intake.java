package dev.upkeep.scheduler.leader;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.request.RequestDesk;
import dev.upkeep.scheduler.request.Verdict;
import dev.upkeep.scheduler.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges requests in the order of their topic, each in one transaction with its offset. For one thread. */
final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    private final World world;
    private final Candidacy candidacy;
    private final Writer writer;
    private final Opening opening;
    private final Planner planner;
    private final RequestDesk desk;
    private Optional<Judging> judging = Optional.empty();

    private record Judging(long offset, Instant now, Future<Verdict> verdict) {}

    Intake(World world, Candidacy candidacy, Writer writer, Planner planner) {
        this.world = world;
        this.candidacy = candidacy;
        this.writer = writer;
        this.planner = planner;
        this.opening = new Opening(world, writer);
        this.desk = new RequestDesk(world.limits(), world.fleet(), world.book());
    }

    /** Whether a request waits to be judged, or to be written. */
    boolean step(List<Control> controls, Round round) {
        ConsumerRecord<String, byte[]> record;
        while ((record = candidacy.waiting().peek()) != null) {
            if (round.isLong()) {
                return true;
            }
            Judging current = judging(record, controls);
            Optional<Verdict> verdict = Planner.soon(current.verdict());
            if (verdict.isEmpty() || !answer(record, verdict.get(), controls, current.now())) {
                return true;
            }
        }
        return false;
    }

    private Judging judging(ConsumerRecord<String, byte[]> record, List<Control> controls) {
        Judging current = judging.filter(before -> before.offset() == record.offset())
                .orElseGet(() -> {
                    Instant now = world.clock().instant();
                    return new Judging(record.offset(), now, planner.begin(() -> judge(record, controls, now)));
                });
        judging = Optional.of(current);
        return current;
    }

    private boolean answer(
            ConsumerRecord<String, byte[]> record, Verdict planned, List<Control> controls, Instant now) {
        // what changes an earlier run is worked out anew, from that run as it is now
        Verdict verdict = planned.runs().size() > 1 ? judge(record, controls, now) : planned;
        if (!writer.isAhead(verdict.runs().stream().limit(1).toList(), now)) {
            return false;
        }
        Emission emission = new Emission().requestsUpTo(record.offset() + 1).cancels(verdict.cancels());
        verdict.runs().stream().limit(1).forEach(run -> opening.add(run, emission, controls, now));
        verdict.runs().stream().skip(1).forEach(run -> change(run, emission));
        verdict.repeated().ifPresent(emission::repeat);
        verdict.deadLetter().ifPresent(reason -> emission.deadLetter(new Emission.DeadLetter(record, reason, false)));
        if (!writer.write(emission, now)) {
            return false;
        }
        candidacy.waiting().remove();
        judging = Optional.empty();
        world.metrics()
                .judged(
                        verdict.repeated().isPresent()
                                ? "repeated"
                                : status(verdict.runs().get(0)));
        return true;
    }

    /** How the run stands, which may have been refused when it was to be written. */
    private String status(Run judged) {
        return EnumText.of(
                world.book().find(judged.head().id()).orElse(judged).head().status());
    }

    private void change(Run run, Emission emission) {
        Run before = world.book().find(run.head().id()).orElseThrow();
        if (!writer.add(emission, before, run)) {
            throw new IllegalStateException("too much of run " + run.head().id() + " would change at once");
        }
    }

    private Verdict judge(ConsumerRecord<String, byte[]> record, List<Control> controls, Instant now) {
        try {
            return desk.judge(record, world.policies().inForce(), controls, now);
        } catch (RuntimeException e) {
            LOG.error("failed to judge the request at offset {}", record.offset(), e);
            return desk.failed(record, now);
        }
    }
}
