package dev.upkeep.scheduler.policy;

/** What becomes of a firing that nobody saw at its time, since no scheduler was running. Of several missed ones only the last counts. */
public enum Missed {
    /** Run it late while its window, or the time in which it may start, is still open; else record it as skipped. */
    WINDOW,
    /** Record it as skipped. */
    SKIP,
    /** Run it as soon as somebody notices, counting its times from then. */
    RUN
}
