package dev.upkeep.common.control;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Selector;
import java.time.Instant;
import java.util.Optional;

/**
 * A pause, blackout or hold, with who said so, why, and until when. It ends by itself at {@code until}, or by a tombstone
 * under its id.
 *
 * @param policy only this policy; pauses only
 * @param select only these databases; all if absent
 * @param until its end: nothing is stopped for ever by forgetting
 */
public record Control(
        ControlId id,
        Kind kind,
        Optional<PolicyName> policy,
        Optional<Selector> select,
        String owner,
        String reason,
        Instant from,
        Instant until) {
    /** The kinds of controls. */
    public enum Kind {
        /** Policies do not fire. */
        PAUSE,
        /** Nothing starts, requests included. */
        BLACKOUT,
        /** Nothing destructive touches these databases, their backups or archives. */
        HOLD
    }

    public Control {
        Check.present("id", id);
        Check.present("kind", kind);
        Check.line("owner", owner, 128);
        Check.line("reason", reason, 500);
        Check.present("from", from);
        if (!Check.present("until", until).isAfter(from)) {
            throw new InvalidValue("until", until.toString(), "must be after from, " + from);
        }
        if (policy.isPresent() && kind != Kind.PAUSE) {
            throw new InvalidValue("policy", policy.get().text(), "can only be given for a pause");
        }
    }

    /** Whether it is in force. */
    public boolean isActive(Instant now) {
        return !now.isBefore(from) && now.isBefore(until);
    }
}
