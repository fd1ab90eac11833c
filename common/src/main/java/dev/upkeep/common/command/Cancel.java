package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import java.time.Instant;
import java.util.Optional;

/** The order to stop one command, whether it waits or runs. Cancelling an ended or unknown command does nothing. */
public record Cancel(
        CommandId command, ExecutorId executor, Instant issuedAt, Optional<String> requestedBy, Optional<String> reason)
        implements LaneMessage {
    public Cancel {
        Check.present("command", command);
        Check.present("executor", executor);
        Check.present("issuedAt", issuedAt);
        requestedBy = requestedBy.map(InvalidValue::shown);
        reason = reason.map(InvalidValue::shown);
    }
}
