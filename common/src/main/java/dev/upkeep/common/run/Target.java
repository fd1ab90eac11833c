package dev.upkeep.common.run;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One database of a run and how far it is.
 *
 * @param outcome how it ended, whoever said so: the executor's result, or the scheduler for what it never sent or never heard of
 */
public record Target(
        DatabaseId database,
        ExecutorId executor,
        CommandId command,
        Status status,
        Optional<Outcome> outcome,
        List<Reason> reasons,
        Optional<Instant> sentAt,
        Optional<Instant> endedAt) {
    /** How far a target is. */
    public enum Status {
        /** Frozen into the run, not yet sent. */
        PLANNED,
        /** Its command is on the commands topic. */
        SENT,
        /** Ended; {@code outcome} says how. */
        ENDED
    }

    public Target {
        Check.present("database", database);
        Check.present("executor", executor);
        Check.present("command", command);
        Check.present("status", status);
        reasons = Check.list("reasons", reasons);
        if ((status == Status.ENDED) != outcome.isPresent()) {
            throw new InvalidValue("outcome", outcome.toString(), "must be there exactly when the target has ended");
        }
    }

    /** The same one, ended. */
    public Target ended(Outcome how, List<Reason> why, Instant when) {
        return new Target(database, executor, command, Status.ENDED, Optional.of(how), why, sentAt, Optional.of(when));
    }
}
