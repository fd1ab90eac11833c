package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Effect;
import dev.upkeep.executor.journal.Entry;
import java.time.Instant;

/**
 * A command that waits for its turn; small, since thousands may wait.
 *
 * @param seq the order of arrival
 * @param isExclusive whether it must be alone on its database, light reading apart: it changes something, or it is heavy, as two
 *     backups of one database would only be in each other's way
 * @param isHeavy whether it counts against the host's limit
 * @param isUrgent whether it waits for nobody
 * @param isWriting whether the STOP file stops it
 * @param readyAt not before this
 * @param startBy if it was never begun, it is to be ended after this
 */
record Job(
        long seq,
        CommandId id,
        DatabaseId database,
        boolean isExclusive,
        boolean isHeavy,
        boolean isUrgent,
        boolean isWriting,
        Instant readyAt,
        Instant startBy,
        Instant finishBy) {
    static Job of(Entry entry, Command command) {
        Job job = new Job(
                entry.seq(),
                entry.id(),
                command.database(),
                command.steps().stream()
                        .anyMatch(step -> step.task().effect() != Effect.READ_ONLY
                                || step.task().isHeavy()),
                command.steps().stream().anyMatch(step -> step.task().isHeavy()),
                command.steps().stream().allMatch(step -> step.task().isUrgent()),
                command.steps().stream().anyMatch(step -> step.task().writes()),
                command.validity().notBefore(),
                entry.attempts() == 0 ? command.validity().startBy() : Instant.MAX,
                command.validity().finishBy());
        return entry.cancelled().isPresent() ? job.atOnce() : job;
    }

    Job again(Instant at) {
        return new Job(seq, id, database, isExclusive, isHeavy, isUrgent, isWriting, at, Instant.MAX, finishBy);
    }

    /** To be ended now, whatever its turn. */
    Job atOnce() {
        return new Job(
                seq, id, database, isExclusive, isHeavy, isUrgent, isWriting, Instant.MIN, Instant.MIN, finishBy);
    }
}
