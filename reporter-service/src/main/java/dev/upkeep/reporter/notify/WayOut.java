package dev.upkeep.reporter.notify;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Somewhere alerts are told. Implementations keep no state: what is to be told waits in the {@link Outbox}. */
interface WayOut {
    /** Its name in the outbox, in metrics and in messages. */
    String name();

    /** Whether it is used at all. */
    boolean isOn();

    /** Whether it wants to hear again of what still fires, at the interval for people. */
    boolean wantsReminders();

    /** How long to gather notices, so that they are told together. */
    default Duration gathering() {
        return Duration.ZERO;
    }

    /** How often all that fires is told anew, for a receiver that forgets. */
    default Optional<Duration> refresh() {
        return Optional.empty();
    }

    /**
     * Tells notices, all or none, in order; may be asked again for the same ones after a crash.
     *
     * @throws IOException if they could not be told; they stay in the outbox
     */
    void tell(List<Notice> notices) throws IOException, InterruptedException;
}
