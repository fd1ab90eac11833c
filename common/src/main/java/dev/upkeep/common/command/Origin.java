package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.util.Optional;

/**
 * What a run comes from.
 *
 * @param name the policy's name, or the request's id
 * @param requestedBy who asked, as they said it; a statement, not a proof
 * @param reason why, as they said it
 */
public record Origin(Kind kind, String name, Optional<String> requestedBy, Optional<String> reason) {
    /** The two kinds of runs. */
    public enum Kind {
        POLICY,
        REQUEST
    }

    public Origin {
        Check.present("kind", kind);
        Check.line("name", name, 128);
        requestedBy = requestedBy.map(InvalidValue::shown);
        reason = reason.map(InvalidValue::shown);
    }
}
