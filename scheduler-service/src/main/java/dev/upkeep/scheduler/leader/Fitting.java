package dev.upkeep.scheduler.leader;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.run.Run;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an emission fit that has a record too large for the broker, so that one such record stops neither the rest nor the
 * scheduler: a new run is rejected with the reason, a database whose command is too large ends as rejected, reasons and dead letters
 * are shortened. What does not fit even so is left out. Each step leaves less to write, and is said in the log and counted. For one
 * thread.
 */
final class Fitting {
    private static final Logger LOG = LoggerFactory.getLogger(Fitting.class);

    private final World world;
    private final Map<RunId, Optional<Run>> refusals = new HashMap<>();
    private final Set<String> unwritable = new HashSet<>();
    private Emission emission = new Emission();
    private Instant now = Instant.EPOCH;

    Fitting(World world) {
        this.world = world;
    }

    /** Begins with this emission; what is left of runs that were refused since parts of them did not fit is not written. */
    void begin(Emission next, Instant at) {
        emission = next;
        now = at;
        refusals.keySet().removeIf(id -> world.book().find(id).isPresent());
        leaveOutRefused();
    }

    /** Changes the emission so that these records are not written. */
    void fit(List<Oversize> oversized) {
        for (Oversize one : oversized) {
            world.metrics().oversized(one.kind());
            one.remedy().accept(this, one);
        }
    }

    /** Does not send a command, nor those of the same run that are as large; their databases end as rejected. */
    void refuse(Command command, Oversize why) {
        leaveOut(command.run(), why.bytes(), why);
    }

    private void leaveOut(RunId run, int bytes, Oversize why) {
        Set<DatabaseId> databases = new HashSet<>();
        emission.commands().removeIf(command -> {
            boolean isMeant = command.run().equals(run) && Wire.write(command).length >= bytes;
            return isMeant && databases.add(command.database());
        });
        if (databases.isEmpty()) {
            return;
        }
        LOG.error("{} commands of run {} are not sent: {}", databases.size(), run, why.message());
        change(run, before -> before.rejected(databases, new Reason(Code.OVERSIZED, why.message()), now));
    }

    /** Refuses a new run of which a part is too large; writes that part of a known one with shorter reasons. */
    void lessen(Run run, int part, Oversize why) {
        RunId id = run.head().id();
        if (world.book().find(id).isEmpty()) {
            refuse(run, why);
            return;
        }
        Run shorter = run.withShortReasons(part);
        if (!shorter.parts().get(part).equals(run.parts().get(part))
                || !shorter.head().equals(run.head())) {
            LOG.warn("part {} of run {} is written with shorter reasons: {}", part, id, why.message());
            change(id, before -> before.withShortReasons(part));
            return;
        }
        if (unwritable.add(id + "#" + part)) {
            LOG.error("part {} of run {} cannot be written, and is tried again: {}", part, id, why.message());
        }
        leaveOut(id, 0, why);
        emission.pieces()
                .replaceAll(piece -> piece.run().head().id().equals(id)
                        ? new Emission.Piece(
                                piece.run(),
                                piece.parts().stream()
                                        .filter(other -> other != part)
                                        .toList())
                        : piece);
    }

    private void refuse(Run run, Oversize why) {
        RunId id = run.head().id();
        boolean isFirst = !refusals.containsKey(id);
        if (isFirst) {
            LOG.error("run {} is rejected: {}", id, why.message());
        } else {
            LOG.error("run {} is rejected, and that cannot be written either: {}", id, why.message());
        }
        refusals.put(
                id,
                isFirst ? Optional.of(run.refused(new Reason(Code.OVERSIZED, why.message()), now)) : Optional.empty());
        leaveOutRefused();
    }

    private void leaveOutRefused() {
        if (refusals.isEmpty()) {
            return;
        }
        emission.commands().removeIf(command -> refusals.containsKey(command.run()));
        emission.pieces().replaceAll(piece -> {
            Optional<Run> refusal = refusals.get(piece.run().head().id());
            return refusal == null
                    ? piece
                    : new Emission.Piece(
                            refusal.orElse(piece.run()),
                            refusal.isPresent() && piece.parts().contains(0) ? List.of(0) : List.of());
        });
    }

    /** Writes less of a dead letter; if it is still too large, nothing. */
    void lessen(Emission.DeadLetter letter, Oversize why) {
        emission.deadLetters().remove(letter);
        if (!letter.isShort()) {
            emission.deadLetter(new Emission.DeadLetter(letter.record(), letter.reason(), true));
        } else {
            LOG.error(
                    "no dead letter of the request at offset {}: {}",
                    letter.record().offset(),
                    why.message());
        }
    }

    void leaveOut(Cancel cancel, Oversize why) {
        LOG.error("command {} is not told to stop: {}", cancel.command(), why.message());
        emission.cancels().remove(cancel);
    }

    void leaveOut(Control control, Oversize why) {
        LOG.error("{} is not published: {}", control.id(), why.message());
        emission.controls().remove(control);
    }

    /** The verdict on a request that came again is not given again. */
    void leaveOutRepeated(Run run, Oversize why) {
        LOG.warn("the verdict on {} is not published again: {}", run.head().id(), why.message());
        emission.repeated().remove(run);
    }

    private void change(RunId id, UnaryOperator<Run> how) {
        emission.pieces()
                .replaceAll(piece -> piece.run().head().id().equals(id)
                        ? new Emission.Piece(how.apply(piece.run()), piece.parts())
                        : piece);
    }
}
