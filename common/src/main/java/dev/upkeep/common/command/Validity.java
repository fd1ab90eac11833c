package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.Instant;

/**
 * When a command may run, by the executor's clock, in UTC.
 *
 * @param notBefore it does not start earlier
 * @param startBy it does not start later: the outcome is then {@code expired}
 * @param finishBy it stops here with {@code partial}, keeping its cursor
 */
public record Validity(Instant notBefore, Instant startBy, Instant finishBy) {
    public Validity {
        Check.present("notBefore", notBefore);
        Check.present("startBy", startBy);
        Check.present("finishBy", finishBy);
        if (startBy.isBefore(notBefore)) {
            throw new InvalidValue("startBy", startBy.toString(), "must not be before notBefore, " + notBefore);
        }
        if (finishBy.isBefore(startBy)) {
            throw new InvalidValue("finishBy", finishBy.toString(), "must not be before startBy, " + startBy);
        }
    }
}
