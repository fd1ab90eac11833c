package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.PolicyName;
import java.util.Optional;

/**
 * A link in a chain of policies: the policy fires whenever another one does, and touches each database once the other has ended
 * there.
 *
 * @param policy the one before
 * @param outcome what its end must be; {@code good} if absent
 */
public record After(PolicyName policy, Optional<End> outcome) {
    /** How the policy before must have ended on a database. */
    public enum End {
        /** Succeeded, or there was nothing to do. */
        GOOD,
        /** Ended, however. */
        ANY
    }

    public After {
        Check.present("policy", policy);
    }

    /** Whether a bad end will do as well. */
    public boolean any() {
        return outcome.equals(Optional.of(End.ANY));
    }
}
