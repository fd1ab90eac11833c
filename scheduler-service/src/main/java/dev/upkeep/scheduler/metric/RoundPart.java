package dev.upkeep.scheduler.metric;

/** What a round of the leader consists of, in this order. */
public enum RoundPart {
    /** Results taken in. */
    RESULTS,
    /** Requests judged. */
    REQUESTS,
    /** Findings answered. */
    ANSWERS,
    /** Policies fired. */
    FIRINGS,
    /** Commands and orders to stop sent. */
    SENDING,
    /** Silence, lateness and age looked after. */
    SWEEP,
    /** States of runs written. */
    STATES
}
