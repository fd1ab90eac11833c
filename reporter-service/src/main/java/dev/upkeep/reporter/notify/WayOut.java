package dev.upkeep.reporter.notify;

import java.io.IOException;
import java.util.List;

/** Somewhere alerts are told. Implementations keep no state: what is to be told waits in the {@link Outbox}. */
interface WayOut {
    /** Its name in the outbox, in metrics and in messages. */
    String name();

    /** Whether it is used at all. */
    boolean isOn();

    /** Whether it wants to hear again of what still fires. */
    boolean wantsReminders();

    /**
     * Tells notices, all or none, in order; may be asked again for the same ones after a crash.
     *
     * @throws IOException if they could not be told; they stay in the outbox
     */
    void tell(List<Notice> notices) throws IOException, InterruptedException;
}
