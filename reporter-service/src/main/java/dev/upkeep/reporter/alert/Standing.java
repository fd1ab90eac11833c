package dev.upkeep.reporter.alert;

import dev.upkeep.common.alert.Alert;
import java.time.Instant;
import java.util.Optional;

/**
 * One alert over time.
 *
 * @param alert as it was last told, or would be
 * @param since when what it is about began to hold
 * @param goneSince when it ceased to hold, while it still counts as firing
 * @param toldAt when its firing was last told to people
 */
record Standing(Alert alert, State state, Instant since, Optional<Instant> goneSince, Optional<Instant> toldAt) {
    /** How far an alert is. */
    enum State {
        /** Holds, but not for long enough. */
        PENDING,
        FIRING,
        RESOLVED
    }

    String fingerprint() {
        return alert.fingerprint();
    }
}
